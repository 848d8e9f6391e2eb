use std::collections::HashSet;

use leptos::prelude::*;

use super::CallRow;
use crate::problem::Problem;

/// A page's data: as the server sent it at first, as the address asks for it afterwards, and as
/// live updates change it. Because it is one signal, what is drawn from it stays in its place.
#[derive(Debug)]
pub(crate) struct Following<T: Send + Sync + 'static> {
    /// The data.
    pub(crate) value: RwSignal<T>,
    /// Why there is none.
    pub(crate) problem: RwSignal<Option<Problem>>,
}

impl<T: Send + Sync + 'static> Clone for Following<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Following<T> {}

/// Begins with what was loaded at first, and takes over whatever is loaded later.
pub(crate) fn follow<T>(first: Result<T, Problem>, page: Resource<Result<T, Problem>>) -> Following<T>
where
    T: Clone + Default + Send + Sync + 'static,
{
    let (value, problem) = match first {
        Ok(value) => (value, None),
        Err(problem) => (T::default(), Some(problem)),
    };
    let following = Following { value: RwSignal::new(value), problem: RwSignal::new(problem) };
    Effect::new(move |before: Option<()>| {
        let loaded = page.get();
        // The first run finds what the page was made from.
        match loaded.filter(|_| before.is_some()) {
            Some(Ok(value)) => {
                following.value.set(value);
                following.problem.set(None);
            }
            Some(Err(problem)) => following.problem.set(Some(problem)),
            None => {}
        }
    });
    following
}

/// Marks the rows that were not there before.
pub(crate) fn mark_fresh(rows: &mut [CallRow], before: &[CallRow]) {
    let known: HashSet<&str> = before.iter().map(|row| row.id.as_str()).collect();
    for row in rows {
        row.fresh = !known.contains(row.id.as_str());
    }
}
