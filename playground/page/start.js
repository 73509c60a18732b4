// The scenario that an address asks for.

/**
 * The request that opens the scenario of `?scenario=NAME`, if the address has one. It is taken out of the address: a reload
 * goes on with what was done since.
 */
export function askedFor() {
  const address = new URL(location.href);
  const scenario = address.searchParams.get("scenario");
  if (scenario === null) return undefined;
  address.searchParams.delete("scenario");
  history.replaceState(null, "", address);
  return { do: "open", scenario, at: "start" };
}
