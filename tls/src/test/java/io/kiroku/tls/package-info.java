@NullMarked
package io.kiroku.tls;

import org.jspecify.annotations.NullMarked;
