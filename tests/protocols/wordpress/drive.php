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

// Many comments under a post of its own, with some of each status.
function fill($told) {
    [$count, $title] = explode(' ', $told, 2);
    $post = wp_insert_post(['post_title' => $title, 'post_status' => 'publish']);
    $words = explode(' ', 'the council bridge river school mayor train library market garden again soon well');
    mt_srand(1);
    for ($number = 1; $number <= $count; $number++) {
        $said = array_map(fn() => $words[mt_rand(0, count($words) - 1)], range(1, 8));
        $advert = "Cheap pills, buy $said[0] $said[1] now at https://pills$number.example/";
        wp_insert_comment([
            'comment_post_ID' => $post,
            'comment_author' => "Reader $number",
            'comment_author_email' => "reader$number@mail.example",
            'comment_content' => $number % 20 ? "The ferry again,\n" . implode(' ', $said) : $advert,
            'comment_approved' => [0 => 'spam', 1 => '0', 2 => 'trash'][$number % 20] ?? '1',
        ]);
    }
    return WP_Application_Passwords::create_new_application_password(1, ['name' => uniqid()])[0];
}

function export($path) {
    require ABSPATH . 'wp-admin/includes/export.php';
    ob_start();
    export_wp(['content' => 'all']);
    return file_put_contents($path, ob_get_clean());
}

echo json_encode(call_user_func($argv[1], $argv[2])), "\n";
