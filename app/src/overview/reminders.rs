use serde::{Deserialize, Serialize};

use super::data::Glance;
use crate::{
    prelude::*,
    ui::{Note, Tone},
};

/// What keys need of the viewer: in words, and the list that shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminding {
    /// `3 of your keys expire in the next 14 days`.
    pub words: String,
    /// The list of keys with the filter set.
    pub href: String,
}

#[cfg(feature = "ssr")]
impl Reminding {
    pub(super) fn new(reminder: &domain::keys::Reminder) -> Self {
        use domain::keys::Need;

        use crate::ui::{format, query::form_encoded};
        let (one, number) = (reminder.keys == 1, format::count(reminder.keys));
        let whose = if reminder.query.owner.is_some() { " of your keys" } else { "" };
        let words = match (reminder.need, whose) {
            (Need::End, "") if one => "1 key expires in the next 14 days".to_owned(),
            (Need::End, "") => format!("{number} keys expire in the next 14 days"),
            (Need::End, _) => format!("{number}{whose} expire{} in the next 14 days", if one { "s" } else { "" }),
            (Need::Rotation, _) if one => format!("1 rotation{whose} is due"),
            (Need::Rotation, _) => format!("{number} rotations{whose} are due"),
        };
        let filter = reminder.query.given().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { words, href: format!("/keys?{}", form_encoded(filter)) }
    }
}

/// What keys need, in one quiet line; nothing where they need nothing.
#[component]
pub(super) fn Reminders(glance: RwSignal<Glance>) -> impl IntoView {
    let reminders = Memo::new(move |_| glance.read().reminders.clone());
    let link = |Reminding { words, href }: Reminding| view! { <a class="link" href=href>{words}</a> };
    move || {
        let reminders = reminders.get();
        (!reminders.is_empty()).then(|| {
            view! { <Note tone=Tone::Accent><p class="cluster">{reminders.into_iter().map(link).collect_view()}</p></Note> }
        })
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use domain::keys::{Need, Reminder};

    use super::*;

    #[test]
    fn they_are_said_in_words_and_lead_to_the_keys() {
        let reminding = |need: Need, keys, own: bool| {
            let mut query = need.query();
            query.owner = own.then(|| "me".to_owned());
            Reminding::new(&Reminder { need, keys, query })
        };
        for (need, keys, own, words) in [
            (Need::End, 1, false, "1 key expires in the next 14 days"),
            (Need::End, 1200, false, "1,200 keys expire in the next 14 days"),
            (Need::End, 1, true, "1 of your keys expires in the next 14 days"),
            (Need::End, 3, true, "3 of your keys expire in the next 14 days"),
            (Need::Rotation, 1, false, "1 rotation is due"),
            (Need::Rotation, 2, false, "2 rotations are due"),
            (Need::Rotation, 2, true, "2 rotations of your keys are due"),
        ] {
            assert_eq!(reminding(need, keys, own).words, words);
        }
        assert_eq!(reminding(Need::Rotation, 2, true).href, "/keys?owner=me&rotation=due");
        assert_eq!(reminding(Need::End, 2, false).href, "/keys?status=active&expires=..14d");
    }
}
