use super::{Key, Keys};
use crate::Result;

impl Keys<'_> {
    /// Has the key found by the labels that it carries now, and by no other.
    pub(super) async fn put_labels(&mut self, key: &Key) -> Result<()> {
        const DELETE: &str = "DELETE FROM key_labels WHERE organization_id = $1 AND key_id = $2";
        const INSERT: &str = "INSERT INTO key_labels (organization_id, key_id, name, value) VALUES ($1, $2, $3, $4)";
        let (organization, id) = (key.organization_id, key.id);
        run!(self.0, |c| {
            sqlx::query(DELETE).bind(organization).bind(id).execute(&mut *c).await?;
            for (name, value) in key.labels.iter() {
                sqlx::query(INSERT).bind(organization).bind(id).bind(name).bind(value).execute(&mut *c).await?;
            }
            Ok(())
        })
    }
}
