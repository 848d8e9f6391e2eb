//! API keys: the list, making one, and what is known of one.

mod list;

pub(crate) use self::list::KeysPage;
