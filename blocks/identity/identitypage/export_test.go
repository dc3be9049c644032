package identitypage

// Through is through, for the tests.
var Through = through
