//! Typed clients for the outside world, one module a provider, and the Sandbox.
