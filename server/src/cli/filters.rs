//! The filters of keys as options. What they are called and what they mean is said once, by [`KeyQuery`].

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, error::ErrorKind};
use domain::keys::KeyQuery;
use utoipa::{IntoParams, openapi::path::ParameterIn};

use super::keys::pair;

/// The filters of the API, a flag each, and `--filter NAME=VALUE` for any of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFilters(pub KeyQuery);

const FILTER: &str = "filter";

impl Args for KeyFilters {
    fn augment_args(command: Command) -> Command {
        let any = Arg::new(FILTER).long(FILTER).value_name("NAME=VALUE").action(ArgAction::Append);
        let any = any.help("Any of the filters above by its name; may be given several times, and all must hold");
        let filters = KeyQuery::into_params(|| Some(ParameterIn::Query)).into_iter().map(|parameter| {
            let help = parameter.description.unwrap_or_default();
            let help = help.trim_end_matches('.').to_owned();
            Arg::new(parameter.name.clone()).long(parameter.name.replace('_', "-")).value_name("VALUE").help(help)
        });
        command.next_help_heading("Filters").args(filters).arg(any).next_help_heading(None)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for KeyFilters {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let wrong = |message: String| Error::raw(ErrorKind::ValueValidation, format!("{message}\n"));
        let mut given: Vec<(&str, &str)> = Vec::new();
        for name in ["q"].iter().chain(KeyQuery::NAMES) {
            given.extend(matches.get_one::<String>(name).map(|value| (*name, value.as_str())));
        }
        for text in matches.get_many::<String>(FILTER).into_iter().flatten() {
            let (name, value) = pair(text).ok_or_else(|| wrong(format!("Give --filter {text:?} as NAME=VALUE.")))?;
            if given.iter().any(|(known, _)| *known == name) {
                let message = format!("The filter {name} is given twice. Give its values once, with commas between.");
                return Err(wrong(message));
            }
            given.push((name, value));
        }
        let query = KeyQuery::read(given)
            .map_err(|invalid| wrong(format!("{invalid} There are: q, {}.", KeyQuery::NAMES.join(", "))))?;
        Ok(Self(query))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
