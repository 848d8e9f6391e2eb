use super::KeyQuery;

/// Why somebody should look after a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It ends within 14 days.
    End,
    /// Its rotation is due.
    Rotation,
}

impl Need {
    /// The most pressing last.
    pub const ALL: [Self; 2] = [Self::End, Self::Rotation];

    /// The filter that finds the keys that need it.
    pub fn query(self) -> KeyQuery {
        let some = |word: &str| Some(word.to_owned());
        match self {
            Self::End => KeyQuery { status: some("active"), expires: some("..14d"), ..KeyQuery::default() },
            Self::Rotation => KeyQuery { rotation: some("due"), ..KeyQuery::default() },
        }
    }
}

/// Keys that somebody should look after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reminder {
    /// Why.
    pub need: Need,
    /// How many they are: at least one.
    pub keys: u64,
    /// The filter that shows them.
    pub query: KeyQuery,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_need_is_a_filter() {
        for need in Need::ALL {
            need.query().filter().unwrap();
        }
    }
}
