use domain::{budgets::Period, identity::Role, limits::LimitKind, templates::Field, usage::Endpoint};

use super::{answers::TemplateAnswers, data::TemplateStart};
use crate::{
    prelude::*,
    ui::{Checkbox, Choice, Choices, Input, Select, Textarea},
    wire::Sender,
};

/// All that a form says of a template.
#[component]
pub(super) fn TemplateFields(
    /// What the fields begin with.
    given: TemplateAnswers,
    /// What is offered.
    start: TemplateStart,
    /// What became of the form.
    #[prop(into)]
    action: Sender,
) -> impl IntoView {
    let g = given;
    let environments = vec![
        Choice::new("test", "Test").with_note("Reaches the Sandbox."),
        Choice::new("live", "Live").with_note("Reaches connected providers."),
    ];
    let periods = Period::ALL.iter().map(|period| Choice::new(period.as_str(), period.as_str())).collect::<Vec<_>>();
    let locked = g.locked.clone();
    let lock = move |field: Field| {
        let checked = locked.iter().any(|locked| locked == field.as_str());
        view! { <Checkbox name="locked[]" label="Locked" value=field.as_str() hint="Who makes a key can't change it." checked/> }
    };
    let endpoint = |endpoint: &Endpoint| {
        let checked = g.endpoints.iter().any(|chosen| chosen == endpoint.as_str());
        view! { <Checkbox name="endpoints[]" label=endpoint.as_str() value=endpoint.as_str() checked/> }
    };
    let endpoints = Endpoint::ALL.iter().map(endpoint).collect_view();
    let wants = |(value, label): (&'static str, &'static str)| {
        let checked = g.required.iter().any(|required| required == value);
        view! { <Checkbox name="required[]" label value checked/> }
    };
    let required = [("description", "Description"), ("owner", "Owner"), ("team", "Team")].map(wants).collect_view();
    let role = |role: &Role| {
        let checked = g.roles.iter().any(|chosen| chosen == role.as_str());
        view! { <Checkbox name="roles[]" label=role.as_str() value=role.as_str() checked/> }
    };
    let roles = [Role::Owner, Role::Admin, Role::Developer].iter().map(role).collect_view();
    let team = |(id, name): (String, String)| {
        let checked = g.teams.contains(&id);
        view! { <Checkbox name="teams[]" label=name value=id checked/> }
    };
    let teams = start.teams.into_iter().map(team).collect_view();
    let kinds = LimitKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
    let limits_hint = format!("One a line, as in: requests_per_minute 60 burst 10 on embeddings. There are {kinds}.");
    let environment = if g.environment.is_empty() { "test".to_owned() } else { g.environment.clone() };
    let period = if g.period.is_empty() { "month".to_owned() } else { g.period.clone() };
    view! {
        <Input name="name" label="Name" value=g.name.clone() required=true maxlength=100 autocomplete="off" error=action.error("name")/>
        <Textarea name="description" label="Description" hint="When to use it. Whoever makes a key reads this." value=g.description.clone() error=action.error("description")/>
        <Choices name="environment" label="Environment" choices=environments value=environment/>
        {lock(Field::Environment)}
        <Input name="stage" label="Stage" hint="Becomes the label stage: development, staging, production, or your own word." value=g.stage.clone() autocomplete="off" error=action.error("stage")/>
        {lock(Field::Stage)}
        <Textarea name="models" label="Models" hint="One a line; * stands for any text. Empty for all." value=g.models.clone() error=action.error("models")/>
        {lock(Field::Models)}
        <fieldset class="field" id="field-endpoints">
            <legend class="field__label">"Endpoints"</legend>
            {endpoints}
            <p class="field__hint">"None chosen for all."</p>
        </fieldset>
        {lock(Field::Endpoints)}
        <Textarea name="ips" label="Addresses" hint="One address or range a line. Empty for anywhere." value=g.ips.clone() error=action.error("ips")/>
        {lock(Field::Ips)}
        <Textarea name="limits" label="Rate limits" hint=limits_hint value=g.limits.clone() error=action.error("limits")/>
        {lock(Field::Limits)}
        <Input name="budget" label="Budget" hint="What each key may spend. Empty for no budget of its own." placeholder="50" inputmode="decimal" value=g.budget.clone() autocomplete="off" error=action.error("budget")/>
        <Select name="period" label="Budget period" choices=periods value=period/>
        <Checkbox name="soft" label="Only show when the budget is crossed" checked={g.soft == "true"}/>
        {lock(Field::Budget)}
        <Input name="expires_in_days" label="Ends after days" hint="Empty for never." placeholder="90" inputmode="numeric" value=g.expires_in_days.clone() autocomplete="off" error=action.error("expires_in_days")/>
        {lock(Field::Expiry)}
        <Input name="rotate_every_days" label="Change the secret every so many days" hint="So many days after a secret was made its rotation is due. The key goes on until somebody collects a new one." inputmode="numeric" value=g.rotate_every_days.clone() autocomplete="off" error=action.error("rotate_every_days")/>
        <Input name="names" label="Names" hint="What keys may be called; * stands for any text. Empty for anything." placeholder="checkout-*" value=g.names.clone() autocomplete="off" error=action.error("names")/>
        <fieldset class="field">
            <legend class="field__label">"What must be said of a key"</legend>
            {required}
        </fieldset>
        <Textarea name="required_labels" label="Labels that must be there" hint="Their names, one a line." value=g.required_labels.clone() error=action.error("required_labels")/>
        <fieldset class="field" id="field-allowed">
            <legend class="field__label">"Who may use it"</legend>
            {roles}
            {teams}
            <p class="field__hint">"Roles and teams. None chosen for everyone who may create keys."</p>
            {move || action.error("allowed").get().map(|words| view! { <p class="field__error">{words}</p> })}
        </fieldset>
    }
}
