/** Where the newcomer's signed-in browser is kept for the tests that come after. */
export const session = "test-results/session.json";

/** The owner that the newcomer creates. */
export const owner = { name: "Mara König", email: "mara@acme.example", password: "a few words in a row" };
