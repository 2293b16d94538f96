// Package serviceusage is the part of the Service Usage API that switches APIs on.
package serviceusage
