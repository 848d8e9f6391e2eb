use std::{path::Path, str::FromStr, time::Duration};

use sqlx::{
    PgConnection, PgPool, Postgres, SqlSafeStr, Sqlite, SqliteConnection, SqlitePool, Transaction,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    Error, Result, audit, budgets, catalog, changes, identity, jobs, keys, leases, limits, migrate, nodes,
    organizations, platform, signals, templates, usage, views,
};

/// An open database of either engine. Cheap to clone.
#[derive(Debug, Clone)]
pub enum Db {
    /// One file. SQLite allows one writer, so writes have one connection and queue for it.
    Sqlite {
        /// Connections that can't write.
        read: SqlitePool,
        /// The one that can.
        write: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

/// A connection for reading.
#[derive(Debug)]
pub enum Reader {
    /// From the file's read pool.
    Sqlite(PoolConnection<Sqlite>),
    /// From the server's pool.
    Postgres(PoolConnection<Postgres>),
}

/// A transaction. Dropping it without [`Tx::commit`] undoes it.
#[derive(Debug)]
pub enum Tx {
    /// Holds the file's write lock from its start.
    Sqlite(Transaction<'static, Sqlite>),
    /// Read committed, whatever the server's default is: waiting writers go on with what the one
    /// before them wrote, instead of failing for it.
    Postgres(Transaction<'static, Postgres>),
}

/// What a repository runs its queries on.
#[derive(Debug)]
pub(crate) enum Conn<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Conn<'_> {
    /// The same connection, for another repository.
    pub(crate) fn reborrow(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(c) => Conn::Sqlite(c),
            Self::Postgres(c) => Conn::Postgres(c),
        }
    }
}

impl Db {
    /// Opens `url` (`sqlite://path`, `postgres://…`) without touching its schema.
    ///
    /// # Errors
    /// When the URL is neither, or the database can't be reached.
    pub async fn connect(url: &str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            return Self::open_file(Path::new(path)).await;
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(url)?;
            let pool = PgPoolOptions::new().max_connections(16).acquire_timeout(Duration::from_secs(10));
            return Ok(Self::Postgres(pool.connect_with(options).await?));
        }
        Err(Error::Refused("The database URL must start with sqlite:// or postgres://.".into()))
    }

    async fn open_file(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // The journal forgets what was committed, so what was committed must survive a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What undoing a statement takes is kept in memory: in a file it costs as much as the statement.
            .pragma("temp_store", "MEMORY")
            // Usage events come in thousands: fewer pages are fewer writes. Only a new file takes it.
            .page_size(16384)
            .busy_timeout(Duration::from_secs(10));
        let write = SqlitePoolOptions::new().max_connections(1).acquire_timeout(Duration::from_secs(10));
        let write = write.connect_with(options.clone()).await?;
        let read = SqlitePoolOptions::new().max_connections(8).acquire_timeout(Duration::from_secs(10));
        // Lists of many thousands are read whole at times: from memory, and not page by page.
        let options = options.pragma("query_only", "ON").pragma("mmap_size", "1073741824");
        let read = read.connect_with(options).await?;
        Ok(Self::Sqlite { read, write })
    }

    /// Brings the schema up to this program's version.
    ///
    /// # Errors
    /// When the database is newer than the program, or a migration fails.
    pub async fn migrate(&self) -> Result<()> {
        migrate::run(self).await
    }

    /// Whether several nodes can work with it. A file is one process's.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Takes a connection for reading.
    pub async fn read(&self) -> Result<Reader> {
        Ok(match self {
            Self::Sqlite { read, .. } => Reader::Sqlite(read.acquire().await?),
            Self::Postgres(pool) => Reader::Postgres(pool.acquire().await?),
        })
    }

    /// Begins a transaction. SQLite takes the write lock at once, so that a transaction which
    /// reads before it writes never fails for having read too early.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(begin_whole(pool.acquire().await?).await?),
        })
    }

    /// Closes every connection, letting SQLite fold its log into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// Begins a transaction in a task of its own, which runs to its end when the caller is dropped,
/// as a request's is when its client hangs up. The driver undoes a transaction that is dropped,
/// but forgets one whose `BEGIN` was sent and not yet answered: its connection would go back into
/// the pool with a transaction open that nobody ends.
async fn begin_whole(connection: PoolConnection<Postgres>) -> Result<Transaction<'static, Postgres>> {
    let begin = "BEGIN ISOLATION LEVEL READ COMMITTED".into_sql_str();
    let task = tokio::spawn(Transaction::begin(connection, Some(begin)));
    Ok(task.await.map_err(|_| sqlx::Error::WorkerCrashed)??)
}

impl Reader {
    pub(crate) fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(c) => Conn::Sqlite(c),
            Self::Postgres(c) => Conn::Postgres(c),
        }
    }
}

impl Tx {
    pub(crate) fn conn(&mut self) -> Conn<'_> {
        match self {
            Self::Sqlite(c) => Conn::Sqlite(c),
            Self::Postgres(c) => Conn::Postgres(c),
        }
    }

    /// Makes everything since [`Db::begin`] last.
    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

repositories! {
    /// The audit log.
    audit: audit::Audit<'_>;
    /// Budgets, and what was spent of them.
    budgets: budgets::Budgets<'_>;
    /// Connections, models and prices.
    catalog: catalog::Catalog<'_>;
    /// What the gateways must hear of.
    changes: changes::Changes<'_>;
    /// Users, memberships, sessions and tokens.
    identity: identity::Identity<'_>;
    /// Work in the background.
    jobs: jobs::Jobs<'_>;
    /// API keys.
    keys: keys::Keys<'_>;
    /// What of the budgets is leased to whom.
    leases: leases::Leases<'_>;
    /// The processes that serve calls.
    nodes: nodes::Nodes<'_>;
    /// Rate limits.
    limits: limits::Limits<'_>;
    /// Templates for keys.
    templates: templates::Templates<'_>;
    /// Organizations and teams.
    organizations: organizations::Organizations<'_>;
    /// Settings and replays of the installation itself.
    platform: platform::Platform<'_>;
    /// What nodes tell one another.
    signals: signals::Signals<'_>;
    /// Usage events and rollups.
    usage: usage::Usage<'_>;
    /// Saved views.
    views: views::Views<'_>;
}
