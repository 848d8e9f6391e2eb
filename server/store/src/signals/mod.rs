//! What nodes tell one another through a PostgreSQL server, as it happens (`LISTEN`, `NOTIFY`).
//!
//! A signal only makes others look sooner: whoever misses one finds out by looking now and then. With
//! SQLite there is one process, and nobody to tell.

use std::time::Duration;

use domain::{BudgetId, LimitId, Money, NodeId, OrganizationId};
use sqlx::postgres::PgListener;

use crate::{Db, Result, db::Conn};

const CHANNEL: &str = "turnpike";

/// The server takes no payload of 8,000 bytes or more.
const MOST_ORGANIZATIONS: usize = 200;

/// The most limits that one [`Signal::Used`] tells of, for the same reason.
pub const MOST_LIMITS: usize = 120;

/// What nodes tell one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// There is something new in [`crate::changes`].
    Changed,
    /// Calls of these organizations came into the books; of any, where it is not said.
    Recorded(Option<Vec<OrganizationId>>),
    /// A node needs so much of a budget, and all of it is spent or leased.
    Wanted {
        /// Who asks.
        node: NodeId,
        /// Whose budget.
        organization: OrganizationId,
        /// Which.
        budget: BudgetId,
        /// How much.
        need: Money,
        /// For how long its calls have waited.
        waited: Duration,
    },
    /// A node needs so many more parallel requests under a limit, and all are leased.
    SlotsWanted {
        /// Who asks.
        node: NodeId,
        /// Whose limit.
        organization: OrganizationId,
        /// Which.
        limit: LimitId,
        /// How many.
        need: u64,
    },
    /// Calls of a node used so much of rate limits, or gave it back; of [`MOST_LIMITS`] at the most.
    Used {
        /// Whose calls.
        node: NodeId,
        /// Whose limits.
        organization: OrganizationId,
        /// How much of which, in requests or tokens.
        used: Vec<(LimitId, i64)>,
    },
    /// The connection was lost for a while: anything may have happened.
    Missed,
}

impl Signal {
    fn write(&self) -> Option<String> {
        Some(match self {
            Self::Changed => "changed".into(),
            Self::Recorded(Some(organizations)) if organizations.len() <= MOST_ORGANIZATIONS => {
                let list: Vec<String> = organizations.iter().map(ToString::to_string).collect();
                format!("recorded {}", list.join(" "))
            }
            Self::Recorded(_) => "recorded".into(),
            Self::Wanted { node, organization, budget, need, waited } => {
                format!("wanted {node} {organization} {budget} {} {}", need.nanos(), waited.as_micros())
            }
            Self::SlotsWanted { node, organization, limit, need } => {
                format!("slots {node} {organization} {limit} {need}")
            }
            Self::Used { node, organization, used } => {
                let list: Vec<String> = used.iter().map(|(limit, units)| format!("{limit}:{units}")).collect();
                format!("used {node} {organization} {}", list.join(" "))
            }
            Self::Missed => return None,
        })
    }

    /// Nothing where it is another version's.
    fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        Some(match words.next()? {
            "changed" => Self::Changed,
            "recorded" => {
                let list: Vec<OrganizationId> = words.map(|word| word.parse().ok()).collect::<Option<_>>()?;
                Self::Recorded((!list.is_empty()).then_some(list))
            }
            "wanted" => Self::Wanted {
                node: words.next()?.parse().ok()?,
                organization: words.next()?.parse().ok()?,
                budget: words.next()?.parse().ok()?,
                need: Money::from_nanos(words.next()?.parse().ok()?),
                waited: Duration::from_micros(words.next()?.parse().ok()?),
            },
            "slots" => Self::SlotsWanted {
                node: words.next()?.parse().ok()?,
                organization: words.next()?.parse().ok()?,
                limit: words.next()?.parse().ok()?,
                need: words.next()?.parse().ok()?,
            },
            "used" => Self::Used {
                node: words.next()?.parse().ok()?,
                organization: words.next()?.parse().ok()?,
                used: words.map(used).collect::<Option<_>>()?,
            },
            _ => return None,
        })
    }
}

fn used(word: &str) -> Option<(LimitId, i64)> {
    let (limit, units) = word.split_once(':')?;
    Some((limit.parse().ok()?, units.parse().ok()?))
}

/// The repository.
#[derive(Debug)]
pub struct Signals<'c>(pub(crate) Conn<'c>);

impl Signals<'_> {
    /// Tells every node, this one included, once the transaction is committed.
    pub async fn send(&mut self, signal: &Signal) -> Result<()> {
        let (Conn::Postgres(connection), Some(payload)) = (&mut self.0, signal.write()) else { return Ok(()) };
        sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(payload).execute(&mut **connection).await?;
        Ok(())
    }
}

/// Hears what nodes tell one another.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Db {
    /// Listens from now on; none where there is nobody to listen to.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn listen(&self) -> Result<Option<Listener>> {
        let Self::Postgres(pool) = self else { return Ok(None) };
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(Some(Listener(listener)))
    }
}

impl Listener {
    /// The next signal.
    ///
    /// # Errors
    /// When the connection is lost and can't be made again yet; ask again after a while.
    pub async fn next(&mut self) -> Result<Signal> {
        loop {
            match self.0.try_recv().await? {
                Some(told) => match Signal::read(told.payload()) {
                    Some(signal) => return Ok(signal),
                    None => tracing::debug!(payload = told.payload(), "a signal of another version was passed over"),
                },
                None => return Ok(Signal::Missed),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_is_written_is_read() {
        let organization = |n| OrganizationId::from_uuid(Uuid::from_u128(n));
        let wanted = Signal::Wanted {
            node: NodeId::from_uuid(Uuid::from_u128(4)),
            organization: organization(1),
            budget: BudgetId::from_uuid(Uuid::from_u128(2)),
            need: Money::from_nanos(3),
            waited: Duration::from_micros(5),
        };
        let recorded = Signal::Recorded(Some(vec![organization(1), organization(2)]));
        let limits = (0..MOST_LIMITS).map(|n| (LimitId::from_uuid(Uuid::from_u128(n as u128)), i64::MIN));
        let node = NodeId::from_uuid(Uuid::from_u128(4));
        let used = Signal::Used { node, organization: organization(1), used: limits.collect() };
        let limit = LimitId::from_uuid(Uuid::from_u128(6));
        let slots = Signal::SlotsWanted { node, organization: organization(1), limit, need: 7 };
        assert!(used.write().unwrap().len() < 8_000);
        for signal in [Signal::Changed, recorded, Signal::Recorded(None), wanted, slots, used] {
            assert_eq!(Signal::read(&signal.write().unwrap()), Some(signal));
        }
        let many = Signal::Recorded(Some((0..1_000).map(organization).collect()));
        assert_eq!(Signal::read(&many.write().unwrap()), Some(Signal::Recorded(None)));
        for strange in ["", "wanted", "wanted x y z", "recorded x", "used x", "slots x", "from the future"] {
            assert_eq!(Signal::read(strange), None, "{strange}");
        }
    }
}
