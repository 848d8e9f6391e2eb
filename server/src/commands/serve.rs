use super::{Failure, fail};
use crate::{cli::ServeArgs, config::Config, serve};

pub(super) fn run(args: ServeArgs) -> Result<(), Failure> {
    let config = Config::load(&args, args.installation.config.as_deref()).map_err(fail)?;
    serve::run(config).map_err(fail)
}
