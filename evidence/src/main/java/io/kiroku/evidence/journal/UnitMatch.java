package io.kiroku.evidence.journal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Tells whether an entry is of one of some units, by the fields that journald itself vouches for, as
 * {@code journalctl --unit} does: what the unit's processes wrote, and what the service manager or a privileged process said
 * of it. {@code kernel} stands for the kernel's messages. No units stand for all.
 */
public final class UnitMatch {
    /** The kernel's messages, as if they were of a unit. */
    public static final String KERNEL = "kernel";

    /** No unit's name is longer, in bytes (systemd.unit(5)). */
    public static final int MOST_NAME = 255;

    private static final byte[] MANAGER = ascii("_PID=1");
    private static final byte[] PRIVILEGED = ascii("_UID=0");

    private final List<byte[]> own = new ArrayList<>();
    private final List<byte[]> byManager = new ArrayList<>();
    private final List<byte[]> byPrivileged = new ArrayList<>();
    private boolean isOwn;
    private boolean isNamedByManager;
    private boolean isNamedByPrivileged;
    private boolean isManager;
    private boolean isPrivileged;

    /**
     * Matches entries of any of these units.
     *
     * @param units unit names; one without a suffix is a service's
     * @throws IllegalArgumentException if one is no unit's name
     */
    public UnitMatch(Collection<String> units) {
        for (String unit : units) {
            if (unit.isEmpty() || unit.length() > MOST_NAME || !unit.chars().allMatch(UnitMatch::isOfName)) {
                throw new IllegalArgumentException(
                        "expected the name of a unit, as kubelet.service, or kernel, found \"%s\"".formatted(unit));
            }
            String name = unit.contains(".") ? unit : unit + ".service";
            if (unit.equals(KERNEL)) {
                own.add(ascii("_TRANSPORT=kernel"));
            } else {
                own.add(ascii("_SYSTEMD_UNIT=" + name));
                byManager.add(ascii("UNIT=" + name));
                byPrivileged.add(ascii("OBJECT_SYSTEMD_UNIT=" + name));
                byPrivileged.add(ascii("COREDUMP_UNIT=" + name));
            }
        }
    }

    private static boolean isOfName(int character) {
        return character > ' ' && character < 0x7f && character != '/' && character != '=';
    }

    /** Whether all entries match. */
    public boolean isAny() {
        return own.isEmpty();
    }

    /** Begins an entry. */
    public void begin() {
        isOwn = false;
        isNamedByManager = false;
        isNamedByPrivileged = false;
        isManager = false;
        isPrivileged = false;
    }

    /** Takes a field of the entry, {@code NAME=value}. */
    public void field(byte[] bytes, int from, int to) {
        isOwn |= isOneOf(own, bytes, from, to);
        isNamedByManager |= isOneOf(byManager, bytes, from, to);
        isNamedByPrivileged |= isOneOf(byPrivileged, bytes, from, to);
        isManager |= Arrays.equals(MANAGER, 0, MANAGER.length, bytes, from, to);
        isPrivileged |= Arrays.equals(PRIVILEGED, 0, PRIVILEGED.length, bytes, from, to);
    }

    /** Whether the entry, all of whose fields were given, is of one of the units. */
    public boolean matches() {
        return isAny() || isOwn || (isNamedByManager && isManager) || (isNamedByPrivileged && isPrivileged);
    }

    private static boolean isOneOf(List<byte[]> fields, byte[] bytes, int from, int to) {
        for (byte[] field : fields) {
            if (Arrays.equals(field, 0, field.length, bytes, from, to)) {
                return true;
            }
        }
        return false;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
