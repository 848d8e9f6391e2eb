//! A client that leaves before its answer begins.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

/// Whether the client has left.
#[derive(Debug, Clone, Default)]
pub(super) struct Left(Arc<AtomicBool>);

impl Left {
    pub(super) fn has(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Work that goes on when nobody waits for it any more, for a while: what is dropped with it still
/// pays for what it did.
pub(super) struct GoesOn<T: Send + 'static> {
    work: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    left: Left,
    most: Duration,
}

impl<T: Send + 'static> GoesOn<T> {
    /// `left` says so to the work itself.
    pub(super) fn new(work: impl Future<Output = T> + Send + 'static, left: Left, most: Duration) -> Self {
        Self { work: Some(Box::pin(work)), left, most }
    }
}

impl<T: Send + 'static> Future for GoesOn<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(work) = &mut self.work else { return Poll::Pending };
        let done = work.as_mut().poll(context);
        if done.is_ready() {
            self.work = None;
        }
        done
    }
}

impl<T: Send + 'static> Drop for GoesOn<T> {
    fn drop(&mut self) {
        let Some(work) = self.work.take() else { return };
        // Without a runtime, which is shutting down then, there is nobody to go on.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            self.left.0.store(true, Ordering::Release);
            let most = self.most;
            runtime.spawn(async move { drop(tokio::time::timeout(most, work).await) });
        }
    }
}
