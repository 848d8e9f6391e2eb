use domain::{
    ErrorCode, EventId, Money,
    identity::Permission,
    usage::{EventKind, EventView, NewAdjustment},
};
use serde::Serialize;
use store::{changes::Change, signals::Signal};

use super::{Usage, events::view};
use crate::{Actor, Error, Result, audit::Deed};

#[derive(Serialize)]
struct Booked {
    cost: Money,
}

impl Usage {
    /// Books what a call did cost after all, as an event of its own: the call's stays as it is, and the
    /// sum of both is right. Answers the new event.
    ///
    /// # Errors
    /// When there is no such call, it is booked at that already, or nothing can cost less than nothing.
    pub async fn adjust(&self, actor: &Actor, id: EventId, new: NewAdjustment) -> Result<EventView> {
        actor.require(Permission::PricesManage)?;
        let (core, organization) = (&self.core, actor.organization);
        if new.cost < Money::ZERO {
            return Err(domain::Invalid::new("cost", "Give what the call did cost in all: zero or more.").into());
        }
        let mut tx = core.db.begin().await?;
        let event = tx.usage().event(organization, id).await?.ok_or_else(|| Error::not_found("call"))?;
        if event.kind != EventKind::Call {
            return Err(Error::new(ErrorCode::Conflict, "This is an adjustment. Adjust the call that it is of."));
        }
        let booked = tx.usage().booked_for_update(organization, event.request_id).await?;
        if booked == new.cost {
            return Err(Error::new(ErrorCode::Conflict, "The call is booked at that already."));
        }
        let by = Money::from_nanos(new.cost.nanos().saturating_sub(booked.nanos()));
        // Identities are minted for the time of their event, by which they are found.
        let adjustment = EventId::mint(event.at, &core.entropy);
        tx.usage().adjust(id, adjustment, by).await?;
        let (was, is) = (Booked { cost: booked }, Booked { cost: new.cost });
        let deed = Deed { action: "usage.adjusted", target: id.to_string(), before: Some(&was), after: Some(&is) };
        core.audit(&mut tx, actor, deed).await?;
        tx.signals().send(&Signal::Recorded(Some(vec![organization]))).await?;
        // What was spent of its budgets is read anew.
        core.commit_changes(tx, &[Change::Budgets(organization)]).await?;
        let row = core.db.read().await?.usage().event(organization, adjustment).await?;
        Ok(view(core, row.ok_or_else(|| Error::internal("an adjustment is gone"))?))
    }
}
