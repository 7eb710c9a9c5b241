package io.kiroku.cli;

import io.kiroku.collector.agents.Pin;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code kiroku agents list}. */
@Command(name = "list", description = "Lists all keys that nodes are or were pinned to.")
final class AgentsListCommand implements Callable<Integer> {
    private static final int BRIEF = 12;

    @ParentCommand
    private AgentsCommand parent;

    @Override
    public Integer call() throws IOException, CommandException {
        Table table =
                new Table(Table.Align.LEFT, Table.Align.LEFT, Table.Align.LEFT, Table.Align.LEFT, Table.Align.LEFT);
        table.row("NODE", "KEY", "STREAM", "SINCE", "STATE");
        for (Pin pin : parent.register().pins()) {
            table.row(
                    pin.node(),
                    pin.key().substring(0, BRIEF),
                    pin.stream() == null ? "-" : pin.stream().brief(),
                    pin.since().toString(),
                    pin.end() == null
                            ? "active"
                            : "%s %s"
                                    .formatted(
                                            pin.end().reason().name().toLowerCase(Locale.ROOT),
                                            pin.end().at()));
        }
        table.lines().forEach(parent.kiroku().terminal().out()::println);
        return 0;
    }
}
