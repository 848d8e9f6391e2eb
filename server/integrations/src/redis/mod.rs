//! Counts that several nodes share in a Redis, or a Valkey.
//!
//! A decision is one script, which looks at all counts that concern a call and enters it in all of them or
//! in none. The time is the server's. What concerns one organization lies in one hash slot of a cluster.
//!
//! Nothing here is needed to serve a call: who finds Redis [`Away`] decides alone. What Redis forgets is
//! counted anew.

mod connection;

use std::{sync::Arc, time::Duration};

use redis::{Script, ScriptInvocation};

use connection::Connection;
pub use connection::{Away, NoAddress};

/// How many parts of [`State::used`] a request or token has.
pub const PARTS: u64 = 60_000;

/// For how many milliseconds a call has its slots without being renewed.
const LIFE: u32 = 15_000;

/// How often calls that are under way must be renewed.
pub const RENEWAL: Duration = Duration::from_secs(5);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What goes again with the time: `amount` a minute.
    Flow,
    /// What is there until its call ends.
    Slots,
}

/// A count, and what a call asks of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// What its key ends with.
    pub name: String,
    /// What is counted.
    pub kind: Kind,
    /// How much in a minute, or at once; up to 10^9.
    pub amount: u64,
    /// How much at once.
    pub burst: u64,
    /// How much the call needs.
    pub needs: u64,
}

/// How a count stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// How much is used, in [`PARTS`]; of a call that passed, this included.
    pub used: u64,
    /// Where the call is in it.
    pub place: u64,
}

/// What was decided on a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether it passes.
    pub passes: bool,
    /// How each count stands.
    pub states: Vec<State>,
}

/// What a call that has ended leaves of a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// What its key ends with.
    pub name: String,
    /// What is counted.
    pub kind: Kind,
    /// How much in a minute, or at once.
    pub amount: u64,
    /// Where the call was in it.
    pub place: u64,
    /// How much comes back of what the call needed.
    pub back: u64,
    /// How much the call used beyond that.
    pub more: u64,
}

/// The counts in one Redis. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Counts {
    connection: Connection,
    scripts: Arc<Scripts>,
}

#[derive(Debug)]
struct Scripts {
    admit: Script,
    settle: Script,
    renew: Script,
}

impl Scripts {
    fn all(&self) -> [&Script; 3] {
        [&self.admit, &self.settle, &self.renew]
    }
}

impl Counts {
    /// Those at `url`, which may say nothing for as long as `patience` to whoever waits for it. A Redis that can't be reached is none that is wrong: [`Counts::keep`] goes on trying.
    ///
    /// # Errors
    /// When that is no address of a Redis.
    pub async fn connect(url: &str, patience: Duration) -> Result<Self, NoAddress> {
        let script = |text: &str| Script::new(&format!("{}\n{text}", include_str!("flow.lua")));
        let scripts = Scripts {
            admit: script(include_str!("admit.lua")),
            settle: script(include_str!("settle.lua")),
            renew: script(include_str!("renew.lua")),
        };
        let scripts = Arc::new(scripts);
        let connection = Connection::to(url, patience, scripts.clone())?;
        if !connection.make().await {
            tracing::warn!("Redis can't be reached; limits hold as well as nodes keep them without it");
        }
        Ok(Self { connection, scripts })
    }

    /// Makes the connection again whenever it is lost, for as long as this is polled.
    pub async fn keep(&self) {
        self.connection.keep().await;
    }

    /// Lets a call of an organization through, if all counts do. `call` is its own name.
    ///
    /// # Errors
    /// When Redis does not answer soon. The call may be counted then; its slots come back by themselves.
    pub async fn admit(&self, organization: &str, call: &str, asks: &[Ask]) -> Result<Decision, Away> {
        let mut script = begin(&self.scripts.admit, organization, asks.iter().map(|ask| ask.name.as_str()));
        script.arg(call).arg(LIFE);
        for Ask { kind, amount, burst, needs, .. } in asks {
            script.arg(kind.word()).arg(amount).arg(burst).arg(needs);
        }
        let answer: Vec<u64> = self.connection.invoke(&script).await?;
        let (passes, states) = answer.split_first().ok_or(Away)?;
        let states = states.chunks_exact(2).map(|state| State { used: state[0], place: state[1] });
        Ok(Decision { passes: *passes == 1, states: states.collect() })
    }

    /// A call has ended.
    ///
    /// # Errors
    /// When Redis does not answer soon.
    pub async fn settle(&self, organization: &str, call: &str, rests: &[Rest]) -> Result<(), Away> {
        let mut script = begin(&self.scripts.settle, organization, rests.iter().map(|rest| rest.name.as_str()));
        script.arg(call);
        for Rest { kind, amount, place, back, more, .. } in rests {
            script.arg(kind.word()).arg(amount).arg(place).arg(back).arg(more);
        }
        self.connection.invoke(&script).await
    }

    /// These calls still have their slots of a count.
    ///
    /// # Errors
    /// When Redis does not answer soon.
    pub async fn renew(&self, organization: &str, name: &str, calls: &[String]) -> Result<(), Away> {
        let mut script = begin(&self.scripts.renew, organization, [name].into_iter());
        script.arg(LIFE).arg(calls);
        self.connection.invoke(&script).await
    }
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Slots => "slots",
        }
    }
}

fn begin<'a, 'n>(script: &'a Script, organization: &str, names: impl Iterator<Item = &'n str>) -> ScriptInvocation<'a> {
    let mut invocation = script.prepare_invoke();
    for name in names {
        invocation.key(format!("turnpike:{{{organization}}}:{name}"));
    }
    invocation
}
