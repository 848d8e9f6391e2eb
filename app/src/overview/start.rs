use super::data::FirstCall;
use crate::{
    prelude::*,
    ui::{ButtonKind, ButtonLink, Card, CodeBlock, Example, Glyph},
};

/// What to do while nothing was ever called.
#[component]
pub(super) fn Start(first: FirstCall) -> impl IntoView {
    let FirstCall { gateway_url, model } = first;
    let curl = format!(
        "curl {gateway_url}/chat/completions \\\n  -H \"Authorization: Bearer $TURNPIKE_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{{\"model\": \"{model}\", \"messages\": [{{\"role\": \"user\", \"content\": \"Hello\"}}]}}'"
    );
    let python = format!(
        "import os\nfrom openai import OpenAI\n\nclient = OpenAI(base_url=\"{gateway_url}\", api_key=os.environ[\"TURNPIKE_KEY\"])\nanswer = client.chat.completions.create(\n    model=\"{model}\",\n    messages=[{{\"role\": \"user\", \"content\": \"Hello\"}}],\n)\nprint(answer.choices[0].message.content)"
    );
    let node = format!(
        "import OpenAI from \"openai\";\n\nconst client = new OpenAI({{ baseURL: \"{gateway_url}\", apiKey: process.env.TURNPIKE_KEY }});\nconst answer = await client.chat.completions.create({{\n  model: \"{model}\",\n  messages: [{{ role: \"user\", content: \"Hello\" }}],\n}});\nconsole.log(answer.choices[0].message.content);"
    );
    let examples = vec![Example::new("curl", curl), Example::new("Python", python), Example::new("Node", node)];
    view! {
        <Card title="Make the first call" note="Three steps. This page fills itself as soon as the first call is made.">
            <ol class="start">
                <li>
                    <h3>"Create a key"</h3>
                    <p class="muted">"A test key reaches the Sandbox: models that answer at once and cost nothing for real."</p>
                    <ButtonLink href=Some("/keys".to_owned()) kind=ButtonKind::Primary icon=Glyph::Key>"Go to keys"</ButtonLink>
                </li>
                <li>
                    <h3>"Call a model with it"</h3>
                    <p class="muted">"Any client that speaks OpenAI's protocol will do: only its address and its key change."</p>
                    <CodeBlock name="first-call" examples/>
                </li>
                <li>
                    <h3>"See what it cost"</h3>
                    <p class="muted">"The call appears here with its tokens, its time and its cost."</p>
                </li>
            </ol>
        </Card>
    }
}
