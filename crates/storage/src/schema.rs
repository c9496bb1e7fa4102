//! The tables, as both databases have them (`migrations/`).

diesel::table! {
    users (id) {
        id -> Text,
        email -> Text,
        email_key -> Text,
        password_hash -> Nullable<Text>,
        created_at -> BigInt,
        google_sub -> Nullable<Text>,
        token_epoch -> BigInt,
        display_name -> Text,
        description -> Text,
        deleted_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    conversations (key) {
        key -> BigInt,
        id -> Text,
        owner_id -> Text,
        character -> Text,
        title -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
        persona_id -> Nullable<Text>,
        note -> Text,
        note_depth -> BigInt,
        model -> Nullable<Text>,
        temperature -> Nullable<BigInt>,
        max_tokens -> Nullable<BigInt>,
        summary -> Text,
        summary_through -> Nullable<Text>,
    }
}

diesel::table! {
    personas (key) {
        key -> BigInt,
        id -> Text,
        owner_id -> Text,
        slug -> Text,
        name -> Text,
        name_key -> Text,
        description -> Nullable<Text>,
        tags -> Text,
        search_key -> Text,
        public -> Bool,
        version -> Text,
        picture_type -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        picture -> Nullable<Binary>,
        package -> Binary,
    }
}

diesel::table! {
    messages (key) {
        key -> BigInt,
        id -> Text,
        owner_id -> Text,
        conversation_id -> Text,
        parent_id -> Nullable<Text>,
        depth -> BigInt,
        active -> Bool,
        role -> Text,
        content -> Text,
        status -> Text,
        spoken_bytes -> Nullable<BigInt>,
        generation_id -> Nullable<Text>,
        meta -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    generations (id) {
        id -> Text,
        owner_id -> Text,
        conversation_id -> Text,
        message_id -> Text,
        model -> Text,
        status -> Text,
        text -> Nullable<Text>,
        finish_reason -> Nullable<Text>,
        error_code -> Nullable<Text>,
        prompt_tokens -> Nullable<BigInt>,
        completion_tokens -> Nullable<BigInt>,
        ttft_ms -> Nullable<BigInt>,
        explanation -> Nullable<Text>,
        chunks_from -> BigInt,
        created_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        server_id -> Nullable<Text>,
        stop_wanted -> Bool,
        reasoning_tokens -> Nullable<BigInt>,
        reasoning -> Nullable<Text>,
        prompt -> Nullable<Text>,
    }
}

diesel::table! {
    idempotency_keys (id) {
        id -> Text,
        owner_id -> Text,
        request -> Text,
        message_id -> Text,
        generation_id -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        owner_id -> Text,
        kind -> Text,
        rotation -> BigInt,
        rotated_at -> BigInt,
        created_at -> BigInt,
        seen_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        user_agent -> Nullable<Text>,
        address -> Nullable<Text>,
    }
}

diesel::table! {
    sign_in_failures (id) {
        id -> Text,
        count -> BigInt,
        since -> BigInt,
    }
}

diesel::table! {
    servers (id) {
        id -> Text,
        seen_since -> BigInt,
        seen_at -> BigInt,
    }
}

diesel::table! {
    chunks (key) {
        key -> BigInt,
        generation_id -> Text,
        seq -> BigInt,
        text -> Text,
        lengths -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    users,
    conversations,
    personas,
    messages,
    generations,
    servers,
    chunks
);
