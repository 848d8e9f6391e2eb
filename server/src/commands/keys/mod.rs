//! Keys of a server, over its management API: one file a group of commands.

mod bulk;
mod change;
mod client;
mod list;
mod make;
mod output;

use self::client::Client;
use super::Failure;
use crate::cli::{KeysArgs, KeysCommand};

pub(super) async fn run(args: KeysArgs) -> Result<(), Failure> {
    let (client, output) = (Client::new(&args.server)?, args.output);
    match args.command {
        KeysCommand::List(args) => list::list(&client, output, &args).await,
        KeysCommand::Show(args) => list::show(&client, output, args.id).await,
        KeysCommand::Create(args) => make::create(&client, output, args).await,
        KeysCommand::Rotate(args) => make::rotate(&client, output, &args).await,
        KeysCommand::Revoke(args) => change::revoke(&client, output, &args).await,
        KeysCommand::Enable(args) => change::each(&client, output, &args.ids, "enable").await,
        KeysCommand::Disable(args) => change::each(&client, output, &args.ids, "disable").await,
        KeysCommand::Bulk(args) => bulk::run(&client, output, args).await,
    }
}
