//! Databases that live as long as one test.

use std::{
    io::Write,
    panic::AssertUnwindSafe,
    str::FromStr,
    sync::{
        Once,
        atomic::{AtomicU32, Ordering},
    },
};

use futures_util::FutureExt;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use store::Db;
use tempfile::TempDir;

/// Names the server that the tests may make databases on.
pub(crate) const URL_VARIABLE: &str = "TURNPIKE_TEST_POSTGRES_URL";

/// Runs each of the named tests on both engines, with the schema in place, or on a database that
/// has none yet.
macro_rules! contract {
    (empty: $($name:ident)*) => { contract!(@ empty $($name)*); };
    ($($name:ident)*) => { contract!(@ migrated $($name)*); };
    (@ $state:ident $($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let scratch = $crate::scratch::Scratch::sqlite().await;
                scratch.$state().await.run(|db| async move { super::$name(&db).await }).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(scratch) = $crate::scratch::Scratch::postgres().await else { return };
                scratch.$state().await.run(|db| async move { super::$name(&db).await }).await;
            })*
        }
    };
}

/// An empty database.
pub(crate) struct Scratch {
    pub(crate) url: String,
    place: Place,
}

enum Place {
    Folder(TempDir),
    Server { admin: Box<PgConnectOptions>, name: String },
}

/// The same, opened.
pub(crate) struct Opened {
    db: Db,
    place: Place,
}

impl Scratch {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("turnpike.db").display());
        Self { url, place: Place::Folder(folder) }
    }

    /// Nothing when no server is named; says so once, past the capture of tests' output.
    pub(crate) async fn postgres() -> Option<Self> {
        let Ok(admin) = std::env::var(URL_VARIABLE) else {
            static SAID: Once = Once::new();
            SAID.call_once(|| {
                let sentence = format!(
                    "SKIPPED on PostgreSQL: {URL_VARIABLE} is not set. `cargo xtask test` starts a server and sets it.\n"
                );
                std::io::stderr().write_all(sentence.as_bytes()).unwrap();
            });
            return None;
        };
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("turnpike_contract_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let admin = Box::new(PgConnectOptions::from_str(&admin).unwrap());
        create(&admin, &name).await;
        let url = admin.clone().database(&name).to_url_lossy().to_string();
        Some(Self { url, place: Place::Server { admin, name } })
    }

    pub(crate) async fn empty(self) -> Opened {
        Opened { db: Db::connect(&self.url).await.unwrap(), place: self.place }
    }

    pub(crate) async fn migrated(self) -> Opened {
        let opened = self.empty().await;
        opened.db.migrate().await.unwrap();
        opened
    }
}

impl Opened {
    /// Runs the test, and removes what it leaves when it fails, too.
    pub(crate) async fn run<F: Future<Output = ()>>(self, body: impl FnOnce(Db) -> F) {
        let outcome = AssertUnwindSafe(body(self.db.clone())).catch_unwind().await;
        self.db.close().await;
        match self.place {
            Place::Folder(folder) => folder.close().unwrap(),
            Place::Server { admin, name } => {
                let mut admin = PgConnection::connect_with(&admin).await.unwrap();
                administer(&mut admin, format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
                admin.close().await.unwrap();
            }
        }
        if let Err(failure) = outcome {
            std::panic::resume_unwind(failure);
        }
    }
}

/// With defaults that differ most from ours: its order of text, where the server has it, and its
/// isolation. Nothing may depend on them.
async fn create(admin: &PgConnectOptions, name: &str) {
    let icu =
        format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'");
    let plain = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
    let isolation = format!("ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'");
    let mut admin = PgConnection::connect_with(admin).await.unwrap();
    if administer(&mut admin, icu).await.is_err() {
        administer(&mut admin, plain).await.unwrap();
    }
    administer(&mut admin, isolation).await.unwrap();
    admin.close().await.unwrap();
}

async fn administer(admin: &mut PgConnection, sql: String) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(admin).await.map(drop)
}

/// Runs SQL past the repositories, as someone with a database shell would.
pub(crate) async fn execute(db: &Db, sql: &'static str) -> sqlx::Result<u64> {
    Ok(match db {
        Db::Sqlite { write, .. } => sqlx::raw_sql(sql).execute(write).await?.rows_affected(),
        Db::Postgres(pool) => sqlx::raw_sql(sql).execute(pool).await?.rows_affected(),
    })
}

/// Asks for one number past the repositories.
pub(crate) async fn number(db: &Db, sql: &'static str) -> i64 {
    match db {
        Db::Sqlite { write, .. } => sqlx::query_scalar(sql).fetch_one(write).await.unwrap(),
        Db::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
    }
}
