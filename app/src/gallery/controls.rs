use crate::{
    keys::{ChosenTemplate, SetByTemplate, TemplateCard, TemplateCards},
    prelude::*,
    problem::Problem,
    ui::{
        Button, ButtonKind, ButtonLink, Card, Checkbox, Choice, Choices, CodeBlock, ConfirmPhrase, CopyButton,
        DescriptionList, Dialog, DialogButton, DialogFoot, Entry, Example, FieldAside, FormError, Glyph, IconButton,
        IconLink, Input, Kbd, SecretOnce, Select, Size, Textarea, Tone,
    },
};

pub(super) fn buttons() -> impl IntoView {
    let pending = RwSignal::new(true);
    view! {
        <Card title="Buttons">
            <div class="cluster">
                <Button kind=ButtonKind::Primary icon=Glyph::Plus>"Create key"</Button>
                <Button icon=Glyph::Download>"Export"</Button>
                <Button kind=ButtonKind::Ghost icon=Glyph::Filter>"Add filter"</Button>
                <Button tone=Tone::Danger>"Revoke…"</Button>
                <Button tone=Tone::Danger kind=ButtonKind::Primary>"Revoke 12 keys"</Button>
                <Button kind=ButtonKind::Primary pending>"Create key"</Button>
                <Button pending=true>"Save"</Button>
                <Button attr:disabled=true>"Disabled"</Button>
                <Button size=Size::Small>"Small"</Button>
                <ButtonLink href=Some("/keys".to_owned()) size=Size::Small icon=Glyph::ChevronLeft>"Previous"</ButtonLink>
                <ButtonLink href=None size=Size::Small icon_after=Glyph::ChevronRight>"Next"</ButtonLink>
                <IconButton icon=Glyph::Sliders label="Columns"/>
                <IconLink icon=Glyph::ExternalLink label="Open" href="/keys"/>
                <CopyButton text="tpk_test" label="Copy key"/>
            </div>
        </Card>
    }
}

pub(super) fn form() -> impl IntoView {
    let problem = Problem::new("unavailable", "Two answers need another look.")
        .with_field("name", "A key with this name exists already.")
        .with_field("budget", "A budget is more than nothing.");
    let name_error = problem.field("name");
    let failed = Problem { request_id: Some("req_01jc3v9m".into()), ..problem };
    let environments = || {
        vec![
            Choice::new("test", "Test").with_note("Reaches the sandbox. Costs nothing real."),
            Choice::new("live", "Live").with_note("Reaches your providers. Costs money."),
        ]
    };
    view! {
        <Card title="Form">
            <form class="form" method="post">
                <FormError problem=Some(failed)/>
                <Input name="name" label="Name" hint="What calls with it." value="checkout-prod" required=true error=name_error>
                    <FieldAside slot><a href="/keys">"See all"</a></FieldAside>
                </Input>
                <Choices name="environment" label="Environment" choices=environments() value="test"/>
                <Input name="budget" label="Budget" prefix="$" inputmode="decimal" placeholder="250.00"/>
                <Select name="period" label="Period" choices=vec![Choice::new("day", "A day"), Choice::new("month", "A month")] value="month"/>
                <Textarea name="note" label="Note" hint="For who comes after you."/>
                <Checkbox name="hard" label="Hard limit" hint="Calls are refused when it is spent." checked=true/>
                <Checkbox name="mail" label="Write me at 80 %"/>
                <div class="form__actions">
                    <Button kind=ButtonKind::Primary submit=true>"Save"</Button>
                    <Button>"Cancel"</Button>
                </div>
            </form>
        </Card>
    }
}

pub(super) fn dialogs() -> impl IntoView {
    let curl = "curl https://gate.acme.dev/v1/chat/completions \\\n  -H \"Authorization: Bearer $TURNPIKE_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{\"model\": \"sandbox/small\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'";
    let examples = vec![
        Example::new("curl", curl),
        Example::new("Python", "from openai import OpenAI\n\nclient = OpenAI()"),
        Example::new("JavaScript", "import OpenAI from \"openai\";"),
    ];
    view! {
        <Card title="Dialogs">
            <div class="cluster">
                <DialogButton opens="created">"Show a created key"</DialogButton>
                <DialogButton opens="revoke" tone=Tone::Danger>"Revoke…"</DialogButton>
            </div>
        </Card>
        <Dialog id="created" title="checkout-staging is ready" note="Copy the key now. It is shown only this once.">
            <SecretOnce secret="tpk_live_7mQf0ZtLw2Ue8sVnKx41HbRcYd93GpAaE5iJ" label="API key" file="checkout-staging.txt"/>
            <CodeBlock name="created-code" examples/>
            <DescriptionList>
                <Entry term="May call">"gpt-5-mini, claude-haiku-4.5, text-embedding-*"</Entry>
                <Entry term="Limits">"600 requests and 400,000 tokens a minute"</Entry>
                <Entry term="Expires">"Feb 18, 2027 · reminder 14 days before"</Entry>
            </DescriptionList>
            <DialogFoot slot>
                <Button>"Create another"</Button>
                <Button kind=ButtonKind::Primary>"I have stored it"</Button>
            </DialogFoot>
        </Dialog>
        <Dialog id="revoke" title="Revoke checkout-prod?" small=true>
            <p>"Calls with this key are refused from the next second on. This can't be undone."</p>
            <form class="form" method="post">
                <ConfirmPhrase phrase="checkout-prod" name="revoke"/>
                <div class="dialog__foot">
                    <Button kind=ButtonKind::Primary tone=Tone::Danger submit=true>"Revoke key"</Button>
                </div>
            </form>
        </Dialog>
    }
}

pub(super) fn keys() -> impl IntoView {
    view! {
        <Card title="Keys" note="Ctrl K opens the palette, ? the list of shortcuts.">
            <div class="cluster"><Kbd keys="Ctrl K"/> <Kbd keys="g k"/> <Kbd keys="Esc"/></div>
        </Card>
    }
}

pub(super) fn templates() -> impl IntoView {
    let card = |id: &str, name: &str, note: &str, default| TemplateCard {
        id: id.into(),
        name: name.into(),
        note: note.into(),
        default,
    };
    let cards = vec![
        card(
            "dev",
            "Development",
            "For building and trying out. It reaches the Sandbox, and ends after 90 days.",
            true,
        ),
        card("live", "Production", "For applications that people use.", false),
        card("none", "No template", "You say all of it.", false),
    ];
    let chosen = ChosenTemplate {
        set: vec![("Environment".into(), "Live".into()), ("Limits".into(), "600 requests a minute".into())],
        wants: Some("Keys by this template need a description.".into()),
        ..ChosenTemplate::default()
    };
    view! {
        <Card title="Templates" note="What a form begins with, and what it can't change any more.">
            <div class="stack">
                <TemplateCards cards chosen="live".to_owned() page="/_gallery"/>
                <SetByTemplate chosen/>
            </div>
        </Card>
    }
}
