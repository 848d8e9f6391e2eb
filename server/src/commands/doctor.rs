//! Reconciles what must agree: the journal with the events, the events with the books, the books with
//! the budgets.

use domain::{
    Money,
    budgets::{Budget, Window},
};
use serde_json::{Value, json};
use store::{Db, usage::Mismatch};

use super::{Failure, fail, say};
use crate::{cli::DoctorArgs, config::Config, open};

pub(super) async fn run(config: &Config, args: &DoctorArgs) -> Result<(), Failure> {
    let installation = open::open(config).await.map_err(fail)?;
    let (db, now) = (installation.db.clone(), installation.clock.now());
    let journal = gateway::examine_journal(&config.data_dir.join("journal"), &db, args.repair).await.map_err(fail)?;
    let mut tx = db.begin().await.map_err(fail)?;
    let mismatches = tx.usage().mismatches(args.repair).await.map_err(fail)?;
    let events = tx.usage().count().await.map_err(fail)?;
    tx.commit().await.map_err(fail)?;
    let budgets = overlooked(&db, now).await.map_err(fail)?;
    db.close().await;

    let mut differences: Vec<Value> = Vec::new();
    let of_journal = [
        (journal.unrecorded, "calls in the journal whose events are not recorded"),
        (journal.cut_off, "calls in the journal that the end of the process cut off, not recorded yet"),
        (journal.damaged, "files of the journal that can't be read in part"),
    ];
    for (count, what) in of_journal.into_iter().filter(|(count, _)| *count > 0) {
        differences.push(json!({"in": "journal", "what": format!("{count} {what}")}));
    }
    differences.extend(mismatches.iter().map(of_books));
    differences.extend(budgets);
    report(args, &differences, events, journal.in_use);
    match differences.len() {
        0 => Ok(()),
        _ if args.repair && journal.damaged == 0 => Ok(()),
        1 => Err(fail("1 difference. `turnpike doctor --repair` mends the books from the events.")),
        n => Err(fail(format!("{n} differences. `turnpike doctor --repair` mends the books from the events."))),
    }
}

fn report(args: &DoctorArgs, differences: &[Value], events: i64, in_use: bool) {
    if args.json {
        let repaired = args.repair && !differences.is_empty();
        say(json!({"events": events, "journal_in_use": in_use, "differences": differences, "repaired": repaired}));
        return;
    }
    say(format!("{events} events looked at."));
    if in_use {
        say("A server is at work here: what its journal holds is on its way, and was not looked at.");
    }
    for difference in differences {
        say(format!("{}: {}", text(&difference["in"]), text(&difference["what"])));
    }
    let mended = if args.repair && !differences.is_empty() { ", mended" } else { "" };
    say(format!("{} difference{}{mended}", differences.len(), if differences.len() == 1 { "" } else { "s" }));
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn of_books(wrong: &Mismatch) -> Value {
    let Mismatch { organization, key, bucket, booked, events } = wrong;
    let what = format!(
        "{organization}, {key}, the quarter of an hour from {bucket}: {} calls and {} are booked, the events are {} calls and {}",
        booked.calls, booked.cost, events.calls, events.cost
    );
    json!({"in": "books", "what": what, "organization_id": organization, "key_id": key, "bucket": bucket,
        "booked": {"calls": booked.calls, "cost": booked.cost}, "events": {"calls": events.calls, "cost": events.cost}})
}

/// Budgets whose spending by the books is not what the events in their scope and period cost.
async fn overlooked(db: &Db, now: domain::Timestamp) -> store::Result<Vec<Value>> {
    let mut reader = db.read().await?;
    let mut found = Vec::new();
    let kept_from = reader.usage().kept_from().await?;
    for organization in reader.budgets().organizations().await? {
        let zone = reader.budgets().zone(organization).await?;
        for stored in reader.budgets().list(organization).await? {
            let budget: Budget = stored.budget;
            let window: Window = budget.period.window(now, zone.as_str(), budget.since);
            // What was spent before there are events can't be compared with them.
            let window = Window { start: kept_from.map_or(window.start, |from| from.max(window.start)), ..window };
            let booked = reader.budgets().spent(organization, budget.scope, budget.environment, window).await?;
            let events =
                reader.budgets().spent_by_events(organization, budget.scope, budget.environment, window).await?;
            if booked != events {
                found.push(difference(&budget, booked, events));
            }
        }
    }
    Ok(found)
}

fn difference(budget: &Budget, booked: Money, events: Money) -> Value {
    let what = format!("{} of {}: {booked} is booked, the events cost {events}", budget.id, budget.scope);
    json!({"in": "budgets", "what": what, "budget_id": budget.id, "booked": booked, "events": events})
}
