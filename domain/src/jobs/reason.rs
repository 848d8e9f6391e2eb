use std::{fmt, str::FromStr};

use crate::Invalid;

/// Declares the reasons once: variant, code, and the sentence people read.
macro_rules! reasons {
    ($($variant:ident $code:literal $sentence:literal;)*) => {
        /// Why an item was not done. The code is stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum Reason {
            $(#[doc = $sentence] #[serde(rename = $code)] $variant,)*
        }

        impl Reason {
            /// Every reason, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The sentence.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)* }
            }
        }
    };
}

reasons! {
    AlreadyActive "already_active" "It is active already.";
    AlreadyDisabled "already_disabled" "It is disabled already.";
    AlreadyRevoked "already_revoked" "It is revoked already.";
    Revoked "revoked" "It is revoked, which is final.";
    NotRevoked "not_revoked" "It is not revoked, and only revoked keys are deleted.";
    NotYours "not_yours" "You may not change it: it is neither yours nor your team's.";
    NotYoursToGive "not_yours_to_give" "You may give it only to yourself or to a team of yours, and must hold it then.";
    NotFound "not_found" "Your organization has no such key.";
    NeverExpires "never_expires" "It never expires, so there is nothing to extend.";
    ExpiresLater "expires_later" "It expires then or later already.";
    InThePast "in_the_past" "The new expiry has passed by now.";
    SameOwner "same_owner" "It has that owner already.";
    NoSuchOwner "no_such_owner" "The owner is not a member of your organization any more.";
    SameTeam "same_team" "It is that team's already.";
    NoSuchTeam "no_such_team" "Your organization does not have that team any more.";
    SameLabels "same_labels" "It has these labels already.";
    TooManyLabels "too_many_labels" "It would have more than 32 labels.";
    NoSuchLabel "no_such_label" "It has none of these labels.";
    AlreadyDue "already_due" "Its rotation is due already.";
    SameLimit "same_limit" "It has that limit already.";
    NoLimits "no_limits" "It has no limits of its own.";
    SameBudget "same_budget" "It has that budget already.";
    NoBudget "no_budget" "It has no budget of its own.";
    SameTemplate "same_template" "It is by this version of the template already.";
    OtherEnvironment "other_environment" "The template is for the other environment, and a key never changes its own.";
    NoSuchTemplate "no_such_template" "There is no such template any more.";
    UsedSince "used_since" "It was used since then, and goes on.";
    ChangedSince "changed_since" "It was changed by somebody else since then, and that is kept.";
    NoLongerAllowed "no_longer_allowed" "Whoever asked for this may not do it any more.";
    Broken "broken" "Something broke on our side. Retry the failed ones.";
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Reason {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().copied().find(|reason| reason.as_str() == text);
        found.ok_or_else(|| Invalid::new("reason", format!("There is no reason {text:?}.")))
    }
}
