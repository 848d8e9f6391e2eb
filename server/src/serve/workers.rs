//! The threads that take connections and calls, each with a runtime of its own.
//!
//! A connection stays on the thread it was given to, with the calls that come over it and the
//! connections to providers that they need: nothing is handed from thread to thread, and what is
//! written is written together, at the end of a turn.

use std::{io, thread};

use tokio::{runtime, sync::oneshot};

/// The threads. They end when this is dropped, and what still runs on them is cut off.
pub(super) struct Workers {
    workers: Vec<Worker>,
}

struct Worker {
    runtime: runtime::Handle,
    end: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Workers {
    /// Starts so many, or as many as there are cores when 0.
    pub(super) fn start(threads: usize) -> io::Result<Self> {
        let threads = match threads {
            0 => thread::available_parallelism().map_or(1, usize::from),
            some => some,
        };
        let workers = (0..threads).map(|_| Worker::start()).collect::<io::Result<_>>()?;
        Ok(Self { workers })
    }

    /// Their runtimes, at least one.
    pub(super) fn runtimes(&self) -> Vec<runtime::Handle> {
        self.workers.iter().map(|worker| worker.runtime.clone()).collect()
    }
}

impl Worker {
    fn start() -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().thread_name("gateway-blocking").enable_all().build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel();
        let thread = thread::Builder::new().name("gateway".into()).spawn(move || {
            // That nobody can say any more when to end says it too.
            let _ = runtime.block_on(ended);
        })?;
        Ok(Self { runtime: handle, end: Some(end), thread: Some(thread) })
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for worker in &mut self.workers {
            worker.end.take();
        }
        for thread in self.workers.iter_mut().filter_map(|worker| worker.thread.take()) {
            // It can only fail by having panicked, and then it has said so.
            let _ = thread.join();
        }
    }
}
