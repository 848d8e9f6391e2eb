//! The template that a new key is made from: the choice, and what it sets.

use serde::{Deserialize, Serialize};

use super::answers::KeyAnswers;
use crate::{
    prelude::*,
    ui::{Badge, Glyph, Icon, Tone},
};

/// A template that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateCard {
    /// The template; `none` for no template.
    pub id: String,
    /// How it is called.
    pub name: String,
    /// When to use it.
    pub note: String,
    /// Whether the organization begins with it.
    pub default: bool,
}

/// What the chosen template comes to in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenTemplate {
    /// The template; empty for none.
    pub id: String,
    /// What the form begins with.
    pub given: KeyAnswers,
    /// `test` or `live`.
    pub environment: String,
    /// What it locks, by the names of its fields.
    pub locked: Vec<String>,
    /// What it sets for good: term and words.
    pub set: Vec<(String, String)>,
    /// When a key ends by it, where that can be changed.
    pub ends: Option<String>,
    /// The limits that it suggests; absent where it suggests none.
    pub limits: Option<String>,
    /// The budget that it suggests.
    pub budget: Option<String>,
    /// What it wants said of a key, in a sentence.
    pub wants: Option<String>,
}

impl ChosenTemplate {
    /// Whether the form does not ask for this.
    pub(super) fn locks(&self, field: &str) -> bool {
        self.locked.iter().any(|locked| locked == field)
    }
}

/// The templates as cards. Each is an address, so that a choice can be linked to and needs no WASM.
#[component]
pub(crate) fn TemplateCards(
    cards: Vec<TemplateCard>,
    chosen: String,
    /// The page that they are chosen for.
    page: &'static str,
) -> impl IntoView {
    let card = |TemplateCard { id, name, note, default }: TemplateCard| {
        let current = (id == chosen || (id == "none" && chosen.is_empty())).then_some("true");
        let badge = default.then(|| view! { <Badge tone=Tone::Accent>"Default"</Badge> });
        view! {
            <a class="template" href=format!("{page}?template={id}") aria-current=current>
                <span>{name} " " {badge}</span>
                <small>{note}</small>
            </a>
        }
    };
    view! {
        <nav class="templates" aria-label="Template">{cards.into_iter().map(card).collect_view()}</nav>
    }
}

/// What the template sets, and what it wants.
#[component]
pub(crate) fn SetByTemplate(chosen: ChosenTemplate) -> impl IntoView {
    let set = |(term, words): (String, String)| {
        view! {
            <div class="field">
                <span class="field__label">{term}</span>
                <p class="template__set"><Icon name=Glyph::Lock/> {words} " " <small>"Set by the template"</small></p>
            </div>
        }
    };
    let wants = chosen.wants.map(|wants| view! { <p class="muted">{wants}</p> });
    view! { {wants} {chosen.set.into_iter().map(set).collect_view()} }
}

#[cfg(feature = "ssr")]
pub(super) use self::offered::{choice, usable};

#[cfg(feature = "ssr")]
mod offered {
    use domain::templates::{Field, Recipe, TemplateView};

    use super::*;
    use crate::{problem::Problem, server::handle, templates};

    /// The templates that somebody may make keys from.
    pub(in crate::keys) async fn usable(actor: &service::Actor) -> Result<Vec<TemplateView>, Problem> {
        let mut list = handle::<service::templates::Templates>()?.list(actor).await?;
        list.retain(|template| template.retired_at.is_none());
        Ok(list)
    }

    /// The cards, and what the template that is asked for comes to: the default where none is.
    pub(in crate::keys) fn choice(list: &[TemplateView], asked: Option<&str>) -> (Vec<TemplateCard>, ChosenTemplate) {
        let card = |template: &TemplateView| TemplateCard {
            id: template.id.to_string(),
            name: template.name.to_string(),
            note: match template.description.is_empty() {
                true => templates::summary(&template.recipe),
                false => template.description.to_string(),
            },
            default: template.default,
        };
        let none = TemplateCard {
            id: "none".to_owned(),
            name: "No template".to_owned(),
            note: "You say all of it.".to_owned(),
            default: false,
        };
        let chosen = list.iter().find(|template| match asked {
            Some(id) => template.id.to_string() == id,
            None => template.default,
        });
        let cards = list.iter().map(card).chain([none]).collect();
        let plain = || ChosenTemplate { environment: "test".to_owned(), ..ChosenTemplate::default() };
        (cards, chosen.map_or_else(plain, of))
    }

    fn of(template: &TemplateView) -> ChosenTemplate {
        let recipe = &template.recipe;
        let open = |field| !recipe.locks(field);
        let limits = recipe.limits.iter().map(templates::limit_words).collect::<Vec<_>>().join(", ");
        let budget = recipe.budget.as_ref().map(templates::budget_words);
        let labels = recipe.stage.as_ref().map(|stage| format!("stage={stage}")).filter(|_| open(Field::Stage));
        let wanted = recipe.required.labels.iter().map(|name| format!("{name}="));
        ChosenTemplate {
            id: template.id.to_string(),
            environment: recipe.environment.to_string(),
            locked: recipe.locked.iter().map(ToString::to_string).collect(),
            set: set(recipe),
            ends: open(Field::Expiry).then(|| ends(recipe)),
            limits: Some(limits).filter(|limits| open(Field::Limits) && !limits.is_empty()),
            budget: budget.filter(|_| open(Field::Budget)),
            wants: wants(recipe),
            given: KeyAnswers {
                models: lines(recipe.rules.models()),
                endpoints: recipe.rules.endpoints().iter().map(ToString::to_string).collect(),
                ips: lines(recipe.rules.ips()),
                labels: labels.into_iter().chain(wanted).collect::<Vec<_>>().join("\n"),
                ..KeyAnswers::default()
            },
        }
    }

    /// What is locked, in words.
    fn set(recipe: &Recipe) -> Vec<(String, String)> {
        let or = |words: String, nothing: &str| if words.is_empty() { nothing.to_owned() } else { words };
        let joined = |words: String| words.replace('\n', ", ");
        let words = |field: &Field| {
            let (term, words) = match field {
                Field::Environment => ("Environment", recipe.environment.to_string()),
                Field::Stage => {
                    ("Stage", or(recipe.stage.as_ref().map(ToString::to_string).unwrap_or_default(), "Any"))
                }
                Field::Models => ("Models", or(joined(lines(recipe.rules.models())), "All")),
                Field::Endpoints => ("Endpoints", or(joined(lines(recipe.rules.endpoints())), "All")),
                Field::Ips => ("Addresses", or(joined(lines(recipe.rules.ips())), "Any")),
                Field::Limits => {
                    let limits = recipe.limits.iter().map(templates::limit_words).collect::<Vec<_>>().join(", ");
                    ("Rate limits", or(limits, "None of its own"))
                }
                Field::Budget => {
                    let budget = recipe.budget.as_ref().map(templates::budget_words).unwrap_or_default();
                    ("Budget", or(budget, "None of its own"))
                }
                Field::Expiry => ("Expires", ends(recipe)),
            };
            (term.to_owned(), words)
        };
        Field::ALL.iter().filter(|field| recipe.locks(**field)).map(words).collect()
    }

    fn ends(recipe: &Recipe) -> String {
        recipe.expires_in_days.map_or_else(|| "Never".to_owned(), |days| format!("In {days} days"))
    }

    fn wants(recipe: &Recipe) -> Option<String> {
        let required = &recipe.required;
        let named = [(required.description, "a description"), (required.owner, "an owner"), (required.team, "a team")];
        let mut wants: Vec<String> =
            named.into_iter().filter(|(wanted, _)| *wanted).map(|(_, what)| what.to_owned()).collect();
        wants.extend(required.labels.iter().map(|name| format!("the label {name}")));
        wants.extend(recipe.names.as_ref().map(|names| format!("a name like {}", names.as_str())));
        (!wants.is_empty()).then(|| format!("The template wants {}.", wants.join(", ")))
    }

    fn lines<T: ToString>(list: &[T]) -> String {
        list.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}
