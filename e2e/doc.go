// Package e2e proves the whole product in a real browser: the main journeys by mouse, by keyboard
// and without scripts, every route looked at by axe and by an HTML validator on a phone and on a
// desk, and what each page weighs. The tests carry the build tag e2e.
package e2e
