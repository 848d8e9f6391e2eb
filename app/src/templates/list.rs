use super::data::{LoadTemplates, TemplateList, TemplateRow};
use crate::{
    prelude::*,
    shell::PageProblem,
    ui::{
        Badge, ButtonKind, ButtonLink, Card, Column, EmptyKind, EmptyState, EnvironmentBadge, Glyph, PageHead,
        Priority, Table, TableSkeleton, Tone, TwoLines, format,
    },
    wire::{PageData, lazy_page},
};

/// `/templates`: recipes for keys.
#[derive(Debug)]
pub(crate) struct TemplatesPage {
    templates: PageData<TemplateList>,
}

lazy_page!(templates: TemplatesPage);

const NOTE: &str = "Recipes for keys: what they may call, how much, and for how long.";

impl TemplatesPage {
    fn load() -> Self {
        Self { templates: PageData::alone::<LoadTemplates>() }
    }

    fn show(self) -> AnyView {
        self.templates.each(waiting, |list| match list {
            Ok(list) => view! { <Templates list/> },
            Err(problem) => view! { <PageProblem problem/> },
        })
    }
}

fn waiting() -> AnyView {
    let columns = vec!["Template", "Environment", "State", "Version", "Keys"];
    view! { <PageHead title="Templates" note=NOTE/> <Card flush=true><TableSkeleton columns/></Card> }
}

#[component]
fn Templates(list: TemplateList) -> impl IntoView {
    let create = || {
        view! { <ButtonLink href=Some("/templates/new".to_owned()) kind=ButtonKind::Primary icon=Glyph::Plus>"Create template"</ButtonLink> }
    };
    let empty = || {
        view! { <EmptyState kind=EmptyKind::FirstUse icon=Glyph::Copy title="No templates" text="There is no template that you may use."/> }
    };
    view! {
        <PageHead title="Templates" note=NOTE>{list.may_create.then(create)}</PageHead>
        <Card flush=true>
            <Table
                label="Templates"
                columns=columns()
                rows=list.rows
                key=|row: &TemplateRow| row.id.clone()
                href=|row: &TemplateRow| format!("/templates/{}", row.id)
                empty
            />
        </Card>
    }
}

fn columns() -> Vec<Column<TemplateRow>> {
    vec![
        Column::new("Template", |row: &TemplateRow| {
            view! { <TwoLines main=row.name.clone() sub=row.summary.clone()/> }
        })
        .shown(Priority::Always),
        Column::new(
            "Environment",
            |row: &TemplateRow| view! { <EnvironmentBadge environment=row.environment.clone()/> },
        ),
        Column::new("State", |row: &TemplateRow| state(row)).shown(Priority::Always),
        Column::number("Version", |row: &TemplateRow| row.version.to_string()).shown(Priority::Desktop),
        Column::number("Keys", |row: &TemplateRow| format::count(row.keys)).shown(Priority::Always),
    ]
}

/// Whether keys are made from it, and whose it is.
pub(super) fn state(row: &TemplateRow) -> AnyView {
    let default = row.default.then(|| view! { <Badge tone=Tone::Accent>"Default"</Badge> });
    let retired = row.retired.then(|| view! { <Badge>"Retired"</Badge> });
    let platform = row.platform.then(|| view! { <Badge plain=true>"Platform"</Badge> });
    view! { <span class="cluster">{default} {retired} {platform}</span> }
}
