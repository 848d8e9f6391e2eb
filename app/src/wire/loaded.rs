use std::marker::PhantomData;

use leptos::{
    reactive::computed::ScopedFuture, server::codee::string::FromToStringCodec, server_fn::ServerFn,
    tachys::reactive_graph::OwnedView,
};
use leptos_router::hooks::{use_params_map, use_query_map};
use serde::{Serialize, de::DeserializeOwned};

use super::answer;
use crate::{prelude::*, problem::Problem, ui::query::form_encoded};

type Text = Resource<String, FromToStringCodec>;

/// How the text of a page's data is come by.
#[cfg(feature = "ssr")]
type Source = fn(String) -> std::pin::Pin<Box<dyn Future<Output = String> + Send>>;
#[cfg(not(feature = "ssr"))]
type Source = &'static str;

/// What a page shows: the answer of a server function to what the page's address asks.
///
/// A page that the server rendered brings its data along; afterwards the data is loaded whenever
/// the address asks for something else.
#[derive(Debug)]
pub(crate) struct PageData<T> {
    text: Text,
    asked: Memo<String>,
    source: Source,
    answer: PhantomData<fn() -> T>,
}

impl<T> Clone for PageData<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for PageData<T> {}

impl<T: Serialize + DeserializeOwned + 'static> PageData<T> {
    /// What `S` answers to nothing.
    pub(crate) fn alone<S: Loader<T>>() -> Self {
        Self::new::<S>(Memo::new(|_| String::new()))
    }

    /// What `S` answers to the query parameters of these names; it has an argument for each.
    pub(crate) fn of_query<S: Loader<T>>(names: &'static [&'static str]) -> Self {
        let query = use_query_map();
        Self::new::<S>(Memo::new(move |_| {
            let query = query.read();
            let given = |name: &&'static str| query.get(name).filter(|value| !value.trim().is_empty());
            form_encoded(names.iter().filter_map(|name| given(name).map(|value| ((*name).to_owned(), value))))
        }))
    }

    /// What `S` answers to the `id` in the page's path.
    pub(crate) fn of_id<S: Loader<T>>() -> Self {
        let params = use_params_map();
        Self::new::<S>(Memo::new(move |_| {
            let id = params.read().get("id").unwrap_or_default();
            form_encoded([("id".to_owned(), id)])
        }))
    }

    /// What `S` answers to the `id` in the page's path and the query parameters of these names.
    pub(crate) fn of_id_and_query<S: Loader<T>>(names: &'static [&'static str]) -> Self {
        let (params, query) = (use_params_map(), use_query_map());
        Self::new::<S>(Memo::new(move |_| {
            let query = query.read();
            let given = |name: &&'static str| query.get(name).filter(|value| !value.trim().is_empty());
            let given = names.iter().filter_map(|name| given(name).map(|value| ((*name).to_owned(), value)));
            let id = params.read().get("id").unwrap_or_default();
            form_encoded([("id".to_owned(), id)].into_iter().chain(given))
        }))
    }

    fn new<S: Loader<T>>(asked: Memo<String>) -> Self {
        #[cfg(feature = "ssr")]
        let source: Source = |form| Box::pin(answer::ask::<S>(form));
        #[cfg(not(feature = "ssr"))]
        let source: Source = S::PATH;
        Self { text: resource(asked, source), asked, source, answer: PhantomData }
    }

    /// Loads it again, because something was changed.
    pub(crate) fn refetch(self) {
        self.text.refetch();
    }

    /// Loads it again because there is news, and has `take` put it in the place of what is shown.
    pub(crate) async fn renew(self, shown: Following<T>, take: impl FnOnce(&mut T, T))
    where
        T: Send + Sync,
    {
        let Some(asked) = self.asked.try_get_untracked() else { return };
        let Ok(new) = answer::read(&fetch(self.source, asked.clone()).await) else { return };
        // Meanwhile the reader may have asked for something else, or left.
        if self.asked.try_get_untracked() == Some(asked) {
            shown.value.try_update(|before| take(before, new));
        }
    }

    /// Draws once, from data that then changes in its place: for what a reader works in.
    pub(crate) fn follow(
        self,
        waiting: fn() -> AnyView,
        view: impl FnOnce(Following<T>) -> AnyView + Send + 'static,
    ) -> AnyView
    where
        T: Clone + Default + Send + Sync,
    {
        draw(self.text, waiting, Box::new(move |text| view(Following::begin(&text, self.text))))
    }

    /// Draws anew for whatever is loaded.
    pub(crate) fn each(
        self,
        waiting: fn() -> AnyView,
        view: impl Fn(Result<T, Problem>) -> AnyView + Send + Sync + 'static,
    ) -> AnyView {
        let text = self.text;
        let view = move |first| {
            let latest = follow_text(first, text);
            (move || view(answer::read(&latest.read()))).into_any()
        };
        draw(text, waiting, Box::new(view))
    }
}

/// A server function whose answer a page shows.
pub(crate) trait Loader<T>: ServerFn<Output = T, Error = Problem> + DeserializeOwned + 'static {}

impl<T, S: ServerFn<Output = T, Error = Problem> + DeserializeOwned + 'static> Loader<T> for S {}

/// The one resource that all pages have, whatever they load.
fn resource(asked: Memo<String>, source: Source) -> Text {
    Resource::new_str_blocking(move || asked.get(), move |asked| fetch(source, asked))
}

#[cfg(feature = "ssr")]
fn fetch(source: Source, asked: String) -> impl Future<Output = String> + Send {
    source(asked)
}

#[cfg(not(feature = "ssr"))]
fn fetch(source: Source, asked: String) -> impl Future<Output = String> + Send {
    // The browser has one thread, which its futures never leave.
    send_wrapper::SendWrapper::new(async move { answer::ask(source, &asked).await.text })
}

/// Everything of drawing that does not depend on what is drawn.
///
/// The server waits for every page as a whole, so nothing is shown meanwhile there; and a `Transition`
/// would draw the page several times to see what it waits for, and load what it loads as often.
fn draw(text: Text, waiting: fn() -> AnyView, view: Box<dyn FnOnce(String) -> AnyView + Send>) -> AnyView {
    if cfg!(feature = "ssr") {
        // What is in the view asks for its context while it is written, which is after this is over.
        return Suspend::new(async move { OwnedView::new(view(text.await)) }).into_any();
    }
    // What surrounds it when the browser takes over would otherwise follow the text too, and make the page,
    // with all that was done in it, anew as soon as its address asks for something else.
    let drawn = Suspend::new(ScopedFuture::new_untracked(async move { view(text.await) }));
    view! { <Transition fallback=waiting>{drawn}</Transition> }
}

/// The newest text.
fn follow_text(first: String, text: Text) -> RwSignal<String> {
    let latest = RwSignal::new(first);
    on_reload(text, Box::new(move |loaded| latest.set(loaded)));
    latest
}

/// Runs with every text but the first, from which the page was made.
fn on_reload(text: Text, take: Box<dyn Fn(String)>) {
    let mut first = true;
    effect(move || {
        let loaded = text.get();
        if let Some(loaded) = loaded.filter(|_| !first) {
            take(loaded);
        }
        first = false;
    });
}

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

impl<T: Clone + Default + DeserializeOwned + Send + Sync + 'static> Following<T> {
    fn begin(first: &str, text: Text) -> Self {
        let (value, problem) = match answer::read(first) {
            Ok(value) => (value, None),
            Err(problem) => (T::default(), Some(problem)),
        };
        let following = Self { value: RwSignal::new(value), problem: RwSignal::new(problem) };
        on_reload(text, Box::new(move |text| following.take(answer::read(&text))));
        following
    }

    fn take(self, loaded: Result<T, Problem>) {
        match loaded {
            Ok(value) => {
                self.value.set(value);
                // What is drawn where there is no problem stays as it is.
                if self.problem.read_untracked().is_some() {
                    self.problem.set(None);
                }
            }
            Err(problem) => self.problem.set(Some(problem)),
        }
    }
}
