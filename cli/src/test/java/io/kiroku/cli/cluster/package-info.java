/** Tests of how a cluster's collector is reached. */
@NullMarked
package io.kiroku.cli.cluster;

import org.jspecify.annotations.NullMarked;
