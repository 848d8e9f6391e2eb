use std::collections::HashSet;

use super::CallRow;

/// Marks the rows that were not there before.
pub(crate) fn mark_fresh(rows: &mut [CallRow], before: &[CallRow]) {
    let known: HashSet<&str> = before.iter().map(|row| row.id.as_str()).collect();
    for row in rows {
        row.fresh = !known.contains(row.id.as_str());
    }
}
