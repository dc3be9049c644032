//go:build s3

package files

// With the build tag s3, Config.Store may be an "s3://" URL. The tag is off by default: the
// client of that service makes the program 9 MB larger and its start heavier.
import _ "gocloud.dev/blob/s3blob"
