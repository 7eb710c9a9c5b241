/** How a collector in a cluster is reached: kubeconfig files, credentials, the API server, and a forwarded port. */
@NullMarked
package io.kiroku.cli.cluster;

import org.jspecify.annotations.NullMarked;
