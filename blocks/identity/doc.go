// Package identity says who is there. Officials sign in by name and password with a second factor
// (a six-digit code, a recovery code) or by a passkey alone; citizens are vouched for by the
// national electronic identity and may come back by a passkey. Sessions are listed and revocable.
//
// Nobody can lock somebody else out: failures count against the pair of account and network, a
// device that has signed in before counts by itself, and passkeys, links and recovery are not
// behind those limits. An administrator can send a one-time link, but never learns a password,
// and signs in as nobody else.
//
//	account   how a person signs in           passkey   public keys of devices
//	recovery  codes for a lost phone          link      one-time links to set a password
//	session   who is signed in (unlogged)     ceremony  sign-ins on their way (unlogged)
//	attempt   counters of failures (unlogged) known     devices seen before (unlogged)
//	kept      what was sent after a session had ended (unlogged)
package identity
