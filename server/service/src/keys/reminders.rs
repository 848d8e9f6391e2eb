use domain::{
    identity::Permission,
    keys::{Environment, Need, Reminder},
};

use super::Keys;
use crate::{Actor, Result};

impl Keys {
    /// What keys need of the actor: of those who manage every key all that the organization has, of others their own.
    /// A number is that of the keys that its filter shows; where none need anything there is no reminder.
    pub async fn reminders(&self, actor: &Actor, environment: Option<Environment>) -> Result<Vec<Reminder>> {
        let all = actor.may(Permission::KeysManage);
        if !actor.may(Permission::KeysRead) || !all && !actor.may(Permission::KeysOwn) {
            return Ok(Vec::new());
        }
        let mut reader = self.core.db.read().await?;
        let mut reminders = Vec::new();
        for need in Need::ALL {
            let mut query = need.query();
            query.environment = environment.map(|environment| environment.to_string());
            query.owner = (!all).then(|| "me".to_owned());
            let filter = query.filter()?;
            let asked = self.asked(&mut reader, actor, &filter).await?;
            let keys = reader.keys().count(actor.organization, &filter, &asked).await?.unsigned_abs();
            if keys > 0 {
                reminders.push(Reminder { need, keys, query });
            }
        }
        Ok(reminders)
    }
}
