//! Databases that live as long as one test.

use std::{
    io::Write,
    str::FromStr,
    sync::{
        Once,
        atomic::{AtomicU32, Ordering},
    },
};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use store::Db;
use tempfile::TempDir;

use super::World;

const URL_VARIABLE: &str = "TURNPIKE_TEST_POSTGRES_URL";

/// Runs each of the named tests, which take a [`World`], on both engines.
macro_rules! on_both_engines {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::support::Scratch::sqlite().await.run(|world| async move { super::$name(&world).await }).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(scratch) = $crate::support::Scratch::postgres().await else { return };
                scratch.run(|world| async move { super::$name(&world).await }).await;
            })*
        }
    };
}

/// A database with the schema in place.
pub(crate) struct Scratch {
    db: Db,
    place: Place,
}

enum Place {
    Folder(TempDir),
    Server { admin: Box<PgConnectOptions>, name: String },
}

impl Scratch {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("turnpike.db").display());
        Self::open(&url, Place::Folder(folder)).await
    }

    /// Nothing when no server is named; says so once, past the capture of tests' output.
    pub(crate) async fn postgres() -> Option<Self> {
        let Ok(admin) = std::env::var(URL_VARIABLE) else {
            static SAID: Once = Once::new();
            SAID.call_once(|| {
                // `eprintln!` would be captured with the test's output.
                let hint = "`cargo xtask test` starts a server and sets it";
                let mut past_capture = std::io::stderr();
                writeln!(past_capture, "SKIPPED on PostgreSQL: {URL_VARIABLE} is not set; {hint}.").unwrap();
            });
            return None;
        };
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("turnpike_server_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let admin = PgConnectOptions::from_str(&admin).unwrap();
        administer(&admin, format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")).await.unwrap();
        let url = admin.clone().database(&name).to_url_lossy().to_string();
        Some(Self::open(&url, Place::Server { admin: Box::new(admin), name }).await)
    }

    async fn open(url: &str, place: Place) -> Self {
        let db = Db::connect(url).await.unwrap();
        db.migrate().await.unwrap();
        Self { db, place }
    }

    /// Runs the test in a task of its own, so that what it leaves is removed when it fails, too.
    pub(crate) async fn run<F>(self, body: impl FnOnce(World) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let world = World::new(self.db.clone()).await;
        let outcome = tokio::spawn(body(world)).await;
        self.db.close().await;
        match self.place {
            Place::Folder(folder) => folder.close().unwrap(),
            Place::Server { admin, name } => {
                administer(&admin, format!("DROP DATABASE {name} WITH (FORCE)")).await.unwrap();
            }
        }
        if let Err(failure) = outcome {
            std::panic::resume_unwind(failure.into_panic());
        }
    }
}

async fn administer(admin: &PgConnectOptions, sql: String) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect_with(admin).await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    connection.close().await
}
