use super::{
    actions::{ApplyTemplate, ChangeTemplate, MoveTemplate},
    data::{ApplyPreview, LoadTemplate, TemplateDetail, TemplateRow, VersionRow},
    fields::TemplateFields,
    list::state,
};
use crate::{
    prelude::*,
    shell::PageProblem,
    ui::{
        Button, ButtonKind, ButtonLink, Card, DescriptionList, Entry, EnvironmentBadge, FormError, Glyph, PageHead,
        Skeleton, Time, format,
    },
    wire::{Form, PageData, Sending, lazy_page},
};

/// `/templates/{id}`: a template, its versions, and what can be done with it.
#[derive(Debug)]
pub(crate) struct TemplatePage {
    template: PageData<TemplateDetail>,
}

lazy_page!(templates: TemplatePage);

impl TemplatePage {
    fn load() -> Self {
        Self { template: PageData::of_id_and_query::<LoadTemplate>(&["apply"]) }
    }

    fn show(self) -> AnyView {
        let data = self.template;
        data.each(
            || view! { <Skeleton block=true/> },
            move |template| match template {
                Ok(detail) => view! { <Detail detail data/> },
                Err(problem) => view! { <PageProblem problem/> },
            },
        )
    }
}

#[component]
fn Detail(detail: TemplateDetail, data: PageData<TemplateDetail>) -> impl IntoView {
    let TemplateDetail { row, behind, given, start, versions, manageable, may_apply, preview } = detail;
    let (id, version) = (row.id.clone(), row.version);
    let moved = Sending::to::<MoveTemplate>();
    moved.then(move || data.refetch());
    let use_it = (!row.retired).then(|| {
        let href = format!("/keys/new?template={id}");
        view! { <ButtonLink href=Some(href) kind=ButtonKind::Primary icon=Glyph::Plus>"Create key"</ButtonLink> }
    });
    let apply = (may_apply && row.keys > 0 && preview.is_none()).then(|| {
        let words = format!("Apply to {}…", keys(row.keys));
        view! { <ButtonLink href=Some(format!("/templates/{id}?apply=yes"))>{words}</ButtonLink> }
    });
    let default = (may_apply && !row.default && !row.retired)
        .then(|| view! { <Move id=id.clone() to="default" words="Make default" moved/> });
    let (to, words) = if row.retired { ("restore", "Restore") } else { ("retire", "Retire") };
    let retire = manageable.then(|| view! { <Move id=id.clone() to words moved/> });
    let form_id = id.clone();
    let edit = manageable.then(move || {
        let action = Sending::to::<ChangeTemplate>();
        action.then(move || data.refetch());
        view! {
            <Card title="Recipe" note="Saving another recipe makes a new version. Keys that there are stay as they are until it is applied to them.">
                <Form to=action class="form">
                    <FormError problem=action.problem()/>
                    <input type="hidden" name="id" value=form_id/>
                    <input type="hidden" name="version" value=version.to_string()/>
                    <TemplateFields given start action/>
                    <div class="form__actions">
                        <Button submit=true kind=ButtonKind::Primary pending=action.pending()>"Save"</Button>
                    </div>
                </Form>
            </Card>
        }
    });
    let preview = preview.map(|preview| view! { <Apply id=id.clone() version preview/> });
    view! {
        <div class="stack narrow">
            <PageHead title=row.name.clone() note=row.summary.clone()>{apply} {default} {retire} {use_it}</PageHead>
            <FormError problem=moved.problem()/>
            {preview}
            <About row behind/>
            {edit}
            <Versions versions/>
        </div>
    }
}

#[component]
fn Move(id: String, to: &'static str, words: &'static str, moved: Sending) -> impl IntoView {
    view! {
        <Form to=moved>
            <input type="hidden" name="id" value=id/>
            <input type="hidden" name="to" value=to/>
            <Button submit=true pending=moved.pending()>{words}</Button>
        </Form>
    }
}

#[component]
fn About(row: TemplateRow, behind: u64) -> impl IntoView {
    let made = match (row.keys, behind) {
        (made, 0) => keys(made),
        (made, behind) => format!("{}, {} by an earlier version", keys(made), format::count(behind)),
    };
    let list = format!("/keys?template={}", row.id);
    let standing = view! { {state(&row)} {(!row.retired).then_some("In use")} };
    view! {
        <Card>
            <DescriptionList>
                <Entry term="State">{standing}</Entry>
                <Entry term="Environment"><EnvironmentBadge environment=row.environment/></Entry>
                <Entry term="Version">{row.version}</Entry>
                <Entry term="Made from it"><a class="link" href=list>{made}</a></Entry>
            </DescriptionList>
        </Card>
    }
}

/// What applying the present version comes to, and the button that does it.
#[component]
fn Apply(id: String, version: u32, preview: ApplyPreview) -> impl IntoView {
    let action = Sending::to::<ApplyTemplate>();
    let ApplyPreview { matching, would_change, skipped } = preview;
    let line = |(count, why, some): (u64, String, String)| {
        view! { <li>{format::count(count)} " skipped: " {why} " " <span class="muted">{some}</span></li> }
    };
    let button = (would_change > 0).then(|| {
        let words = format!("Apply to {}", keys(would_change));
        view! { <Button submit=true kind=ButtonKind::Primary pending=action.pending()>{words}</Button> }
    });
    let back = format!("/templates/{id}");
    view! {
        <Card title=format!("Apply version {version} to {}", keys(matching)) note="Keys get what the template locks, their own limits and budget included. Undoing brings back rules, labels and ends, but not limits and budgets.">
            <Form to=action class="form">
                <FormError problem=action.problem()/>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="version" value=version.to_string()/>
                <input type="hidden" name="expected_count" value=matching.to_string()/>
                <p>{format::count(would_change)} " of " {keys(matching)} " would change."</p>
                <ul>{skipped.into_iter().map(line).collect_view()}</ul>
                <div class="form__actions">
                    {button}
                    <ButtonLink href=Some(back)>"Cancel"</ButtonLink>
                </div>
            </Form>
        </Card>
    }
}

#[component]
fn Versions(versions: Vec<VersionRow>) -> impl IntoView {
    let version = |VersionRow { version, summary, by, at }: VersionRow| {
        view! { <Entry term=format!("Version {version}")>{summary} " " <span class="muted">"by " {by} ", " <Time at/></span></Entry> }
    };
    view! { <Card title="Versions"><DescriptionList>{versions.into_iter().map(version).collect_view()}</DescriptionList></Card> }
}

fn keys(count: u64) -> String {
    if count == 1 { "1 key".to_owned() } else { format!("{} keys", format::count(count)) }
}
