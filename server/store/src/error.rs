use crate::vault::VaultError;

/// What can go wrong below the rules.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused or could not be reached.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A secret could not be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database holds something that this program never wrote.
    #[error("the database holds what can't be: {0}")]
    Corrupt(String),
    /// The installation can't be opened as it is; the sentence says what to change.
    #[error("{0}")]
    Refused(String),
}

impl Error {
    /// Whether the database could not be reached, or not in time: trying again later may help.
    pub fn is_unreachable(&self) -> bool {
        use sqlx::Error as E;
        matches!(self, Self::Database(E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed))
    }

    /// Whether a unique index refused the row: something of that name exists already.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(e)) if e.is_unique_violation())
    }
}

impl From<domain::MoneyError> for Error {
    fn from(error: domain::MoneyError) -> Self {
        Self::Corrupt(error.to_string())
    }
}
