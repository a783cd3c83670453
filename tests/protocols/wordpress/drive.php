<?php
// Does one thing in WordPress as its administrator, and prints the outcome as JSON.
$_SERVER['HTTP_HOST'] = '127.0.0.1';
if ($argv[1] === 'install') {
    define('WP_INSTALLING', true);
}
require __DIR__ . '/wp-load.php';

function install() {
    require ABSPATH . 'wp-admin/includes/upgrade.php';
    wp_install('Gazette', 'admin', 'admin@mail.example', true, '', wp_generate_password());
    update_option('comment_previously_approved', 0);
    update_option('active_plugins', ['akismet/akismet.php']);
    update_option('siteurl', getenv('BLOG'));
    update_option('home', getenv('BLOG'));
    return get_bloginfo('version');
}

function use_key($key) {
    update_option('wordpress_api_key', $key);
    return Akismet::verify_key($key);
}

function status($author) {
    $found = get_comments(['status' => 'any', 'author_email' => "$author@mail.example"]);
    return $found ? wp_get_comment_status($found[0]) : null;
}

// As the buttons under a comment do: the plugin looks for what they send.
function report($told) {
    [$author, $is_spam] = explode(' ', $told);
    wp_set_current_user(1);
    $found = get_comments(['status' => 'any', 'author_email' => "$author@mail.example"]);
    $_POST[$is_spam === 'spam' ? 'spam' : 'unspam'] = '1';
    $is_spam === 'spam' ? wp_spam_comment($found[0]) : wp_unspam_comment($found[0]);
    return get_comment_meta($found[0]->comment_ID, 'akismet_user_result', true);
}

echo json_encode(call_user_func($argv[1], $argv[2])), "\n";
