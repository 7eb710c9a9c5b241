/** A real container runtime on this machine, driven as the kubelet drives it. */
@NullMarked
package io.kiroku.systemtests.containerd;

import org.jspecify.annotations.NullMarked;
