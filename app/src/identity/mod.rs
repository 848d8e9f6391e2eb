//! Who a person is: signing in.

mod login;

pub(crate) use login::LoginPage;
