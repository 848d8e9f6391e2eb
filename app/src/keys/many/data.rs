use serde::{Deserialize, Serialize};

use super::answers::ManyAnswers;
use crate::{
    keys::{
        fields::KeyOffer,
        template::{ChosenTemplate, TemplateCard},
    },
    prelude::*,
    problem::Problem,
};

/// How many of the rows that are wrong are listed.
#[cfg(feature = "ssr")]
const LISTED: usize = 200;

/// What the page that makes many keys begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManyStart {
    /// What the form offers.
    pub offer: KeyOffer,
    /// Who asks, and so owns the keys unless they name somebody else.
    pub me: String,
    /// The templates that they can be made from, and none.
    pub templates: Vec<TemplateCard>,
    /// What the chosen one comes to.
    pub chosen: ChosenTemplate,
    /// What a form without WASM has just said.
    pub typed: Option<ManyAnswers>,
    /// What would be made of it: the text of an answer of [`plan_many`].
    pub planned: Option<String>,
}

/// What would be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManyPlan {
    /// What was asked for.
    pub answers: ManyAnswers,
    /// How many keys.
    pub count: u64,
    /// The names of the first and the last of them.
    pub names: String,
    /// The template's name.
    pub template: Option<String>,
    /// `test` or `live`.
    pub environment: String,
    /// What can't be made; the first of it.
    pub bad: Vec<BadKey>,
    /// How much that is in all.
    pub all_bad: u64,
}

/// A key that can't be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadKey {
    /// Its line or its place.
    pub row: u64,
    /// The name that it was to have.
    pub name: String,
    /// What to do.
    pub message: String,
}

/// Says what would be made.
#[server(prefix = "/fn", endpoint = "keys_many_plan")]
pub async fn plan_many(
    /// What is asked for.
    #[server(flatten)]
    answers: ManyAnswers,
) -> Result<ManyPlan, Problem> {
    reading::plan(answers).await
}

/// Has the keys made, and leads to the job that does so.
#[server(prefix = "/fn", endpoint = "keys_many_create")]
pub async fn create_many(
    /// What is asked for.
    #[server(flatten)]
    answers: ManyAnswers,
) -> Result<(), Problem> {
    use crate::server::{actor, handle};
    let actor = actor()?;
    let (request, _) = reading::request(&actor, &answers).await?;
    if let domain::keys::ManyAnswer::Job(job) = handle::<service::keys::Keys>()?.create_many(&actor, request).await? {
        leptos_axum::redirect(&format!("/jobs/{}", job.id));
    }
    Ok(())
}

/// What the page that makes many keys begins with.
#[server(prefix = "/fn", endpoint = "keys_many_start")]
pub async fn start_many(
    /// The template that they are to be made from, or `none`.
    #[server(default)]
    template: Option<String>,
) -> Result<ManyStart, Problem> {
    let actor = crate::server::actor()?;
    // While a page is rendered no guard stands before this, and the form is not for everyone.
    actor.require_any(service::keys::MANAGING)?;
    let typed = reading::typed()?;
    let planned = match &typed {
        Some((answers, false)) => Some(reading::planned(answers.clone()).await),
        _ => None,
    };
    let typed = typed.map(|(answers, _)| answers);
    let said = typed.as_ref().map(|typed| if typed.template_id.is_empty() { "none" } else { &typed.template_id });
    let usable = crate::keys::template::usable(&actor).await?;
    let (templates, chosen) = crate::keys::template::choice(&usable, said.or(template.as_deref()));
    let offer = crate::keys::fields::offer(&actor, None).await?;
    Ok(ManyStart { offer, me: actor.user().to_string(), templates, chosen, typed, planned })
}

#[cfg(feature = "ssr")]
mod reading {
    use domain::{
        Invalid,
        keys::{ManyAnswer, ManyKeys, NamePattern, NewRules},
        templates::{Field, TemplateView},
    };

    use super::{BadKey, LISTED, ManyAnswers, ManyPlan};
    use crate::{
        keys::answers::KeyAnswers,
        lifetime::ending,
        problem::Problem,
        server::{TypedForm, Wrong, actor, handle},
    };

    /// What a form without WASM says that led here, and whether it is only to be changed.
    pub(super) fn typed() -> Result<Option<(ManyAnswers, bool)>, Problem> {
        let parts: http::request::Parts = handle()?;
        let Some(TypedForm(form)) = parts.extensions.get::<TypedForm>() else { return Ok(None) };
        let answers = serde_qs::Config::new(5, false).deserialize_str(form);
        let answers =
            answers.map_err(|_| Problem::new("invalid_request", "The form was not understood. Try again."))?;
        Ok(Some((answers, form.split('&').any(|pair| pair == "change=true"))))
    }

    /// What would be made, as the browser would have it answered.
    pub(super) async fn planned(answers: ManyAnswers) -> String {
        serde_json::to_string(&plan(answers).await).unwrap_or_default()
    }

    pub(super) async fn plan(answers: ManyAnswers) -> Result<ManyPlan, Problem> {
        let actor = actor()?;
        let (request, template) = request(&actor, &answers).await?;
        let environment = request.environment.or(template.as_ref().map(|template| template.recipe.environment));
        let request = ManyKeys { dry_run: true, ..request };
        let preview = match handle::<service::keys::Keys>()?.create_many(&actor, request).await? {
            ManyAnswer::Preview(preview) => preview,
            ManyAnswer::Job(_) => return Err(service::Error::internal("a dry run began a job").into()),
        };
        let names = match &preview.last {
            Some(last) => format!("{}, … {last}", preview.names.join(", ")),
            None => preview.names.join(", "),
        };
        let all_bad = preview.bad.len() as u64;
        let bad = preview.bad.into_iter().take(LISTED);
        Ok(ManyPlan {
            answers,
            count: preview.count,
            names,
            template: template.map(|template| template.name.to_string()),
            environment: environment.map(|environment| environment.to_string()).unwrap_or_default(),
            bad: bad.map(|bad| BadKey { row: bad.row, name: bad.name, message: bad.message }).collect(),
            all_bad,
        })
    }

    /// What is asked for, and the template.
    pub(super) async fn request(
        actor: &service::Actor,
        answers: &ManyAnswers,
    ) -> Result<(ManyKeys, Option<TemplateView>), Problem> {
        let now = handle::<domain::Clock>()?.now();
        let template = match answers.template_id.as_str() {
            "" => None,
            id => Some(handle::<service::templates::Templates>()?.get(actor, id.parse()?).await?),
        };
        let locks = |field: Field| template.as_ref().is_some_and(|template| template.recipe.locks(field));
        let mut wrong = Wrong::default();
        let each = &answers.each;
        let ends = match template.is_some() && (locks(Field::Expiry) || each.expires_in == "keep") {
            true => Some(None),
            false => wrong.check("expires_in", ending(&each.expires_in, now)).map(Some),
        };
        let environment = match answers.environment.as_str() {
            "" => Some(None),
            word => wrong.check("environment", word.parse()).map(Some),
        };
        // All but the name is asked as for one key, and any name will do for that.
        let read = KeyAnswers { name: "many".to_owned(), ..each.clone() }.read(&mut wrong);
        let pattern = match answers.way.as_str() {
            "csv" => Some(None),
            _ => pattern(answers, &mut wrong).map(Some),
        };
        let (Some(read), Some(expires_at), Some(environment), Some(pattern)) = (read, ends, environment, pattern)
        else {
            return Err(wrong.problem());
        };
        let NewRules { models, endpoints, ips } = read.rules.into();
        let csv = pattern.is_none().then(|| answers.csv.clone());
        let request = ManyKeys {
            template_id: template.as_ref().map(|template| template.id),
            template_version: None,
            description: read.description,
            environment: environment.filter(|_| !locks(Field::Environment)),
            owner_id: read.owner,
            team_id: read.team,
            labels: read.labels,
            expires_at,
            // What is locked was not asked for, so that what came in its place says nothing.
            rules: NewRules {
                models: models.filter(|_| !locks(Field::Models)),
                endpoints: endpoints.filter(|_| !locks(Field::Endpoints)),
                ips: ips.filter(|_| !locks(Field::Ips)),
            },
            limits: (!answers.without_limits.is_empty()).then(Vec::new),
            budget: (!answers.without_budget.is_empty()).then_some(None),
            pattern,
            keys: None,
            csv,
            dry_run: false,
        };
        Ok((request, template))
    }

    fn pattern(answers: &ManyAnswers, wrong: &mut Wrong) -> Option<NamePattern> {
        fn number<T: std::str::FromStr>(field: &'static str, text: &str, absent: &str) -> Result<T, Invalid> {
            let text = Some(text.trim()).filter(|text| !text.is_empty()).unwrap_or(absent);
            text.parse().map_err(|_| Invalid::new(field, "Enter a whole number."))
        }
        let count = wrong.check("count", number("count", &answers.count, ""));
        let start = wrong.check("start", number("start", &answers.start, "1"));
        let digits = wrong.check("digits", number("digits", &answers.digits, "0"));
        Some(NamePattern { name: answers.pattern.trim().to_owned(), count: count?, start: start?, digits: digits? })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_form_is_read_as_it_is_sent_again() {
            let form =
                "way=csv&csv=name%0Aa%2Cb&expires_in=keep&endpoints%5B%5D=embeddings&without_limits=true&description=x";
            let read = |form: &str| -> ManyAnswers { serde_qs::Config::new(5, false).deserialize_str(form).unwrap() };
            let answers = read(form);
            assert_eq!(
                (answers.csv.as_str(), answers.each.endpoints.as_slice()),
                ("name\na,b", ["embeddings".to_owned()].as_slice())
            );
            let again = answers.fields().into_iter().map(|(name, value)| (name.to_owned(), value));
            assert_eq!(read(&crate::ui::query::form_encoded(again)), answers);
        }
    }
}
