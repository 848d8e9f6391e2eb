use serde::{Deserialize, Serialize};

use crate::{
    Invalid,
    keys::{BulkAction, ManyKeys, counted},
};

/// What a job does to each of its items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "parameters")]
pub enum Work {
    /// Does this to keys.
    #[serde(rename = "keys.bulk")]
    Keys(BulkAction),
    /// Takes back what a job with this action did to keys.
    #[serde(rename = "keys.undo")]
    UndoKeys(BulkAction),
    /// Makes keys, each with what its item says of it.
    #[serde(rename = "keys.create")]
    CreateKeys(Box<ManyKeys>),
    /// Revokes the keys that such a job made, as far as nobody uses them.
    #[serde(rename = "keys.undo_create")]
    UndoCreateKeys,
}

impl Work {
    /// Every kind that this program can do. Another node may be newer, and know more.
    pub const KINDS: &'static [&'static str] = &["keys.bulk", "keys.undo", "keys.create", "keys.undo_create"];

    /// The kind, as it is stored.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Keys(_) => Self::KINDS[0],
            Self::UndoKeys(_) => Self::KINDS[1],
            Self::CreateKeys(_) => Self::KINDS[2],
            Self::UndoCreateKeys => Self::KINDS[3],
        }
    }

    /// The rest of it as JSON text, as it is stored.
    pub fn parameters(&self) -> String {
        // Words, ids, times and labels: nothing that JSON can't hold.
        match self {
            Self::Keys(action) | Self::UndoKeys(action) => serde_json::to_string(action).unwrap_or_default(),
            Self::CreateKeys(many) => serde_json::to_string(many).unwrap_or_default(),
            Self::UndoCreateKeys => "{}".to_owned(),
        }
    }

    /// What was stored.
    ///
    /// # Errors
    /// When this program does not know the kind, or what it needs is not in the parameters.
    pub fn read(kind: &str, parameters: &str) -> Result<Self, Invalid> {
        fn parsed<T: serde::de::DeserializeOwned>(parameters: &str) -> Result<T, Invalid> {
            serde_json::from_str(parameters).map_err(|_| Invalid::new("parameters", "These belong to another version."))
        }
        match kind {
            "keys.bulk" => Ok(Self::Keys(parsed(parameters)?)),
            "keys.undo" => Ok(Self::UndoKeys(parsed(parameters)?)),
            "keys.create" => Ok(Self::CreateKeys(parsed(parameters)?)),
            "keys.undo_create" => Ok(Self::UndoCreateKeys),
            _ => Err(Invalid::new("kind", "This work belongs to another version.")),
        }
    }

    /// Why it can't be undone; nothing where it can.
    ///
    /// To undo the making of keys is to revoke those that nobody uses yet.
    pub const fn is_final(&self) -> Option<&'static str> {
        match self {
            Self::Keys(BulkAction::Revoke) => {
                Some("Revoking is final: a revoked key never calls again. Create others.")
            }
            Self::Keys(BulkAction::DeleteRevoked) => {
                Some("Deleting is final. What the keys did stays in usage and audit log.")
            }
            Self::Keys(_) | Self::CreateKeys(_) => None,
            Self::UndoKeys(_) => Some("This was an undo itself. Do the first action again instead."),
            Self::UndoCreateKeys => Some("This revoked keys, which is final. Create others."),
        }
    }

    /// What it is called in a list, for so many items.
    pub fn title(&self, items: u64) -> String {
        match self {
            Self::Keys(action) => action.title(items),
            Self::UndoKeys(action) => format!("Undo: {}", lower_first(&action.title(items))),
            Self::CreateKeys(_) => format!("Create {}", counted(items)),
            Self::UndoCreateKeys => format!("Undo: create {}", counted(items)),
        }
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_stored_and_read_again() {
        let labels = [("tier".to_owned(), "1".to_owned())];
        let labels = std::collections::BTreeMap::from(labels).try_into().unwrap();
        let many = ManyKeys { template_version: Some(2), ..ManyKeys::default() };
        let all = [
            Work::Keys(BulkAction::Revoke),
            Work::UndoKeys(BulkAction::AddLabels { labels }),
            Work::CreateKeys(Box::new(many)),
            Work::UndoCreateKeys,
        ];
        for work in all {
            assert!(Work::KINDS.contains(&work.kind()));
            assert_eq!(Work::read(work.kind(), &work.parameters()).unwrap(), work);
        }
        assert!(Work::read("keys.paint", "{}").is_err() && Work::read("keys.bulk", "{}").is_err());
        assert!(Work::read("keys.create", r#"{"colour":"red"}"#).is_err());
    }

    #[test]
    fn is_called_what_it_does() {
        assert_eq!(Work::Keys(BulkAction::Revoke).title(1), "Revoke 1 key");
        assert_eq!(Work::UndoKeys(BulkAction::Disable).title(1200), "Undo: disable 1,200 keys");
        assert_eq!(Work::CreateKeys(Box::default()).title(10_000), "Create 10,000 keys");
        assert_eq!(Work::UndoCreateKeys.title(1), "Undo: create 1 key");
    }
}
