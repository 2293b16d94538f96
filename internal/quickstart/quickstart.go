package quickstart

import "runtime/debug"

// collectAt lets the heap grow to 20 MB before it is collected: most commands end
// before they need that much.
const collectAt = 400

// It has to be set before the packages with large tables are initialized, which in
// main is too late. Go initializes a package without imports of its own before those
// that have many.
var _ = debug.SetGCPercent(collectAt)
