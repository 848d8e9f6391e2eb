//! The two macros that let one query text serve two native drivers.

/// Expands one body once for each engine. Inside it, `DB` names the concrete driver, so that
/// `QueryBuilder::<DB>` is right for a query that is put together.
macro_rules! run {
    ($conn:expr, |$c:ident| $body:expr) => {
        match &mut $conn {
            $crate::db::Conn::Sqlite(c) => {
                #[allow(dead_code, reason = "only queries that are put together name the driver")]
                type DB = sqlx::Sqlite;
                let $c = &mut **c;
                $body
            }
            $crate::db::Conn::Postgres(c) => {
                #[allow(dead_code, reason = "only queries that are put together name the driver")]
                type DB = sqlx::Postgres;
                let $c = &mut **c;
                $body
            }
        }
    };
}

/// Declares the repositories that a reader and a transaction hand out.
macro_rules! repositories {
    ($($(#[$doc:meta])* $method:ident: $repo:path;)*) => {
        impl $crate::db::Reader {
            $($(#[$doc])* pub fn $method(&mut self) -> $repo { $repo(self.conn()) })*
        }
        impl $crate::db::Tx {
            $($(#[$doc])* pub fn $method(&mut self) -> $repo { $repo(self.conn()) })*
        }
    };
}
