package io.kiroku.systemtests.containerd;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import java.util.List;

/**
 * A message of Protocol Buffers by the numbers of its fields. The few messages that are needed here have a handful of
 * fields; classes made for them from a schema would be more to build than to write.
 */
final class Message {
    private final UnknownFieldSet.Builder fields = UnknownFieldSet.newBuilder();

    Message text(int field, String value) {
        fields.mergeField(
                field,
                Field.newBuilder()
                        .addLengthDelimited(ByteString.copyFromUtf8(value))
                        .build());
        return this;
    }

    Message number(int field, long value) {
        fields.mergeField(field, Field.newBuilder().addVarint(value).build());
        return this;
    }

    Message message(int field, Message value) {
        fields.mergeField(
                field,
                Field.newBuilder()
                        .addLengthDelimited(value.fields.build().toByteString())
                        .build());
        return this;
    }

    byte[] bytes() {
        return fields.build().toByteArray();
    }

    static Message parse(byte[] bytes) throws InvalidProtocolBufferException {
        Message message = new Message();
        message.fields.mergeFrom(bytes);
        return message;
    }

    /** The text in a field; empty if it is not there. */
    String text(int field) {
        List<ByteString> values = fields.build().getField(field).getLengthDelimitedList();
        return values.isEmpty() ? "" : values.getLast().toStringUtf8();
    }

    /** The number in a field; 0 if it is not there. */
    long number(int field) {
        List<Long> values = fields.build().getField(field).getVarintList();
        return values.isEmpty() ? 0 : values.getLast();
    }

    /** All messages in a repeated field. */
    List<Message> messages(int field) {
        return fields.build().getField(field).getLengthDelimitedList().stream()
                .map(Message::parsed)
                .toList();
    }

    private static Message parsed(ByteString bytes) {
        try {
            return parse(bytes.toByteArray());
        } catch (InvalidProtocolBufferException malformed) {
            throw new IllegalStateException("a field that is no message", malformed);
        }
    }
}
