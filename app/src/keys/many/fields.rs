use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::{
    answers::ManyAnswers,
    data::{ManyPlan, ManyStart},
    page::PAGE,
};
use crate::{
    keys::{
        fields::MoreFields,
        template::{SetByTemplate, TemplateCards},
    },
    lifetime::EndingSelect,
    prelude::*,
    ui::{Button, ButtonKind, ButtonLink, Card, Checkbox, Choice, Choices, FormError, Input, PageHead, Textarea},
    wire::{PageForm, Sending},
};

/// The form that says which keys.
#[component]
pub(super) fn ManyForm(
    /// What it begins with.
    start: ManyStart,
    /// What was typed before.
    given: ManyAnswers,
    /// Where it is sent.
    plan: Sending<ManyPlan>,
    /// The job that was asked for, when that was refused.
    create: Sending,
) -> impl IntoView {
    let ManyStart { offer, templates, chosen, .. } = start;
    let environments = vec![
        Choice::new("test", "Test").with_note("Reach the Sandbox, which answers at once and costs nothing."),
        Choice::new("live", "Live").with_note("Reach connected providers, which charge for what is used."),
    ];
    let value = Some(given.environment.clone()).filter(|word| !word.is_empty());
    let value = value.unwrap_or_else(|| chosen.environment.clone());
    let environment = (!chosen.locks("environment"))
        .then(|| view! { <Choices name="environment" label="Environment" choices=environments value/> });
    let of_template = chosen.ends.clone().map(|ends| format!("As the template says: {ends}"));
    let hint = "After that their calls are refused.";
    let ending = (!chosen.locks("expiry")).then(|| match of_template {
        Some(keep) => view! { <EndingSelect value="keep" keep hint error=plan.error("expires_in")/> },
        None => view! { <EndingSelect value="" hint error=plan.error("expires_in")/> },
    });
    let without = |name: &'static str, what: Option<String>| {
        what.map(|what| view! { <Checkbox name label=format!("Leave out what the template suggests: {what}")/> })
    };
    let bounds = [without("without_limits", chosen.limits.clone()), without("without_budget", chosen.budget.clone())];
    let (locked, wants, template) = (chosen.locked.clone(), chosen.wants.is_some(), chosen.id.clone());
    let each = given.each.clone();
    view! {
        <PageHead title="Create many keys" note="From a pattern or a table, up to 10,000. You see what would be made before anything is."/>
        <TemplateCards cards=templates chosen=template.clone() page=PAGE/>
        <Card>
            <PageForm to=plan page=PAGE class="form many">
                <FormError problem=plan.problem()/>
                <FormError problem=create.problem()/>
                <input type="hidden" name="template_id" value=template/>
                <Named given plan/>
                {environment}
                {ending}
                {bounds}
                <SetByTemplate chosen/>
                <MoreFields offer given=each action=plan hidden=locked open=wants/>
                <div class="form__actions">
                    <Button submit=true kind=ButtonKind::Primary pending=plan.pending()>"Preview"</Button>
                    <ButtonLink href=Some("/keys".to_owned())>"Cancel"</ButtonLink>
                </div>
            </PageForm>
        </Card>
    }
}

/// How the keys are named: what is not chosen is out of sight.
#[component]
fn Named(given: ManyAnswers, plan: Sending<ManyPlan>) -> impl IntoView {
    let ManyAnswers { way, pattern, count, start, digits, csv, .. } = given;
    let ways = vec![
        Choice::new("pattern", "Numbered names").with_note("till-001, till-002, till-003"),
        Choice::new("csv", "A table").with_note("A CSV with a line for each key, from a file or pasted."),
    ];
    let way = if way.is_empty() { "pattern".to_owned() } else { way };
    let or = |text: String, other: &str| if text.is_empty() { other.to_owned() } else { text };
    view! {
        <Choices name="way" label="Keys" choices=ways value=way/>
        <div class="form many__pattern">
            <Input name="pattern" label="Name" depends=true hint="{n} stands for the number." placeholder="till-{n}" value=pattern
                maxlength=120 autocomplete="off" error=plan.error("pattern")/>
            <div class="many__numbers">
                <Input name="count" depends=true label="How many" inputmode="numeric" value=or(count, "10") error=plan.error("count")/>
                <Input name="start" depends=true label="First number" inputmode="numeric" value=or(start, "1") error=plan.error("start")/>
                <Input name="digits" depends=true label="Digits" hint="With zeros before." inputmode="numeric" value=or(digits, "3") error=plan.error("digits")/>
            </div>
        </div>
        <div class="form many__table">
            <TableFile/>
            <Textarea name="csv" label="Table" depends=true value=csv error=plan.error("csv")
                hint="The first line names the columns: name, and if you like description, labels (a=b;c=d), owner (e-mail), team, expires (2031-01-31)."/>
        </div>
    }
}

/// A file whose text is put into the field of the table.
#[component]
fn TableFile() -> impl IntoView {
    let read = |event: web_sys::Event| {
        let input = event.target();
        leptos::task::spawn_local(async move {
            let area = document().get_element_by_id("field-csv");
            let area = area.and_then(|area| area.dyn_into::<web_sys::HtmlTextAreaElement>().ok());
            let text = match input {
                Some(input) => text_of(&input.into()).await.ok().and_then(|text| text.as_string()),
                None => None,
            };
            if let (Some(area), Some(text)) = (area, text) {
                area.set_value(&text);
            }
        });
    };
    view! {
        <div class="field scripted">
            <label class="field__label" for="field-file">"File"</label>
            <input class="many__file" id="field-file" type="file" accept=".csv,text/csv" on:change=read/>
        </div>
    }
}

/// The text of the file that was chosen.
async fn text_of(input: &JsValue) -> Result<JsValue, JsValue> {
    let files = js_sys::Reflect::get(input, &"files".into())?;
    let file = js_sys::Reflect::get(&files, &0.into())?;
    let text: js_sys::Function = js_sys::Reflect::get(&file, &"text".into())?.dyn_into()?;
    JsFuture::from(text.call0(&file)?.dyn_into::<js_sys::Promise>()?).await
}
